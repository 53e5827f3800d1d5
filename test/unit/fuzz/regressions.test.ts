import { watchPayload } from '../../../src/kafkajs/batch-payload';
import { client, useTracing } from '../core/tracing';

/** What differential fuzzing (`npm run test:fuzz`) has found, one test for each difference. */
const tracing = useTracing();

test('the functions of an eachBatch payload keep their names and lengths', () => {
  const payload = {
    batch: { topic: 'orders', partition: 0, highWatermark: '1', messages: [] },
    resolveOffset: (offset: string) => offset,
    commitOffsetsIfNecessary: (offsets?: unknown) => Promise.resolve(offsets),
    uncommittedOffsets: () => ({ topics: [] }),
  };
  const measured = { resolved: jest.fn(), end: jest.fn(), fail: jest.fn() };
  const watched = watchPayload(tracing.runtime(), client, payload, measured, () => undefined);
  const looks = (functions: object) =>
    Object.entries(functions)
      .filter(([, value]) => typeof value === 'function')
      .map(([name, value]) => [
        name,
        (value as () => unknown).name,
        (value as () => unknown).length,
        'prototype' in (value as object),
      ]);
  expect(looks(watched)).toEqual(looks(payload));
  expect(watched).not.toBe(payload);
});
