import { watchPayload } from '../../../../src/kafkajs/batch-payload';
import type { Method } from '../../../../src/support/wrap';
import { client, useTracing } from '../../core/tracing';

const tracing = useTracing();
const nothing = () => undefined;

test('a watched payload lists what it did, by functions that look like those of kafkajs', () => {
  const payload = {
    batch: { topic: 'orders', partition: 0, messages: [] },
    resolveOffset: (offset: unknown) => offset,
    heartbeat: async () => Promise.resolve(),
    commitOffsetsIfNecessary: async (offsets: unknown) => Promise.resolve(offsets),
  };
  const measured = { resolved: nothing, end: nothing, fail: nothing };
  const looks = (object: object) =>
    Object.entries(object).map(([name, value]: [string, Method]) => [name, value.name, value.length]);
  const watched = watchPayload(tracing.runtime(), client, payload, measured, nothing);
  expect(watched).not.toBe(payload);
  expect(looks(watched)).toEqual(looks(payload));
});
