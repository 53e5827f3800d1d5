import { sharesOf } from '../../../bench/profile';

const node = (id: number, functionName: string, url = '') => ({ id, callFrame: { functionName, url } });

test('time counts for the package whose code ran, and idle time for none', () => {
  const nodes = [
    node(1, '(idle)'),
    node(2, '(garbage collector)'),
    node(3, 'hashAttributes', 'file:///app/node_modules/@opentelemetry/sdk-metrics/build/utils.js'),
    node(4, 'encode', 'file:///app/node_modules/kafkajs/src/encoder.js'),
    node(5, 'copyOf', 'file:///app/dist/propagation/copies.js'),
    node(6, 'promiseInitHook', 'node:internal/async_hooks'),
    node(7, 'inner', 'file:///app/node_modules/kafkajs/node_modules/long/index.js'),
  ];
  const shares = sharesOf({
    nodes,
    samples: [1, 2, 3, 4, 5, 6, 7, 4],
    timeDeltas: [5000, 10, 20, 30, 5, 5, 10, 20],
  });
  expect([...shares]).toEqual([
    ['kafkajs', 0.5],
    ['@opentelemetry/sdk-metrics', 0.2],
    ['garbage collection', 0.1],
    ['long', 0.1],
    ['@org/kafka-otel', 0.05],
    ['async_hooks of Node.js', 0.05],
  ]);
});
