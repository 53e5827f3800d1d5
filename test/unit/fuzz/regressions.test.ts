import { instrumentConsumer } from '../../../src/clients/kafkajs/consumer';
import { client, useTracing } from '../core/tracing';

/** One test for each difference that `npm run test:fuzz` has found. */
const tracing = useTracing();

test('the functions of an eachBatch payload keep their names and lengths', () => {
  const payload = {
    batch: { topic: 'orders', partition: 0, highWatermark: '1', messages: [{ offset: '0', value: null }] },
    resolveOffset: (offset: string) => offset,
    commitOffsetsIfNecessary: (offsets?: unknown) => Promise.resolve(offsets),
    uncommittedOffsets: () => ({ topics: [] }),
  };
  const consumer = {
    run({ eachBatch }: { eachBatch: (given: object) => void }) {
      eachBatch(payload);
    },
  };
  const handled: object[] = [];
  instrumentConsumer(tracing.runtime(), consumer, client);
  consumer.run({ eachBatch: given => void handled.push(given) });
  const signatures = (functions: object = {}) =>
    Object.entries(functions)
      .filter(([, value]) => typeof value === 'function')
      .map(([name, value]) => [
        name,
        (value as () => unknown).name,
        (value as () => unknown).length,
        'prototype' in (value as object),
      ]);
  expect(signatures(handled[0])).toEqual(signatures(payload));
  expect(handled[0]).not.toBe(payload);
});
