import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { Kafka } from 'kafkajs';
import { instrumentConsumer } from '../../../../src/clients/kafkajs/consumer';
import type { Methods } from '../../../../src/support/wrap';
import { useMeasuring } from '../../metrics/measuring';
import { client, useTracing } from '../../core/tracing';
import { config } from './kafka';
import { EVENTS, ScriptedConsumer } from './scripted';

const tracing = useTracing();
const measuring = useMeasuring();

/** Creates an instrumented consumer that has committed once, because the first commit adds the last listener. */
async function observed(consumer = new ScriptedConsumer()) {
  const { runtime, read } = measuring.with(tracing.runtime({ requestMetrics: true }), {
    requestMetrics: true,
  });
  instrumentConsumer(runtime, consumer as unknown as Methods, client);
  await consumer.commitOffsets([]);
  const values = async (name: string) => (await read(name)).map(({ value }) => value);
  return { consumer, values, read };
}

const batch = {
  topic: 'orders',
  partition: 2,
  highWatermark: '9',
  firstOffset: '7',
  lastOffset: '8',
  batchSize: 2,
};

test('each event that is needed has one listener, and no other event has any', async () => {
  const { consumer } = await observed();
  expect(consumer.observed()).toEqual(EVENTS);
  expect(consumer.eventNames()).toHaveLength(EVENTS.length);
});

test('the installed kafkajs emits all of these events', () => {
  const kafka = new Kafka(config);
  const consumer = kafka.consumer({ groupId: 'billing' });
  expect(Object.keys(consumer.events)).toEqual(expect.arrayContaining(EVENTS));
  for (const other of [kafka.producer(), kafka.admin()])
    expect(Object.keys(other.events)).toEqual(expect.arrayContaining(['REQUEST', 'REQUEST_TIMEOUT']));
});

test('metrics follow the events of a consumer, and a second join is a rebalance', async () => {
  const { consumer, values, read } = await observed();
  consumer.report('GROUP_JOIN', { memberAssignment: { orders: [1, 2] } });
  consumer.report('HEARTBEAT');
  consumer.report('START_BATCH_PROCESS', batch);
  expect(await values('kafka.consumer.assigned_partitions')).toEqual([2]);
  expect(await values('kafka.consumer.records_lag')).toEqual([2]);
  consumer.report('GROUP_JOIN', { memberAssignment: { orders: [1] } });
  consumer.report('CRASH', { error: new RangeError('no'), restart: false });
  expect(await values('kafka.consumer.rebalances')).toEqual([1]);
  expect(await read('kafka.consumer.crashes')).toMatchObject([
    { value: 1, attributes: { 'error.type': 'RangeError', 'kafka.consumer.restarts': false } },
  ]);
});

test.each<[string, object, string]>([
  ['cause', { name: 'KafkaJSNumberOfRetriesExceeded', cause: new RangeError('no') }, 'RangeError'],
  [
    'original error, before kafkajs 2',
    { name: 'KafkaJSNonRetriableError', originalError: new RangeError('no') },
    'RangeError',
  ],
  ['error itself, without either', { name: 'KafkaJSNonRetriableError' }, 'KafkaJSNonRetriableError'],
])('a crash that the retrier of kafkajs reports has the type of the %s', async (_what, fields, expected) => {
  const { consumer, read } = await observed();
  consumer.report('CRASH', { error: Object.assign(new Error('retried'), fields), restart: true });
  expect(await read('kafka.consumer.crashes')).toMatchObject([{ attributes: { 'error.type': expected } }]);
});

test('a request is measured in seconds, and a timeout is counted', async () => {
  const { consumer, values, read } = await observed();
  consumer.report('REQUEST', { apiName: 'Produce', broker: 'kafka-1:9092', duration: 250 });
  consumer.report('REQUEST_TIMEOUT', { apiName: 'Fetch', broker: '::1:9092' });
  expect(await values('kafka.client.request.duration')).toMatchObject([{ count: 1, sum: 0.25 }]);
  expect(await read('kafka.client.request.timeouts')).toMatchObject([
    { value: 1, attributes: { 'kafka.api.name': 'Fetch', 'server.address': '::1', 'server.port': 9092 } },
  ]);
});

test('requests are not measured while the instrumentation is disabled or tracing is suppressed', async () => {
  const { runtime, read } = measuring.with(tracing.runtime({ requestMetrics: true }), {
    requestMetrics: true,
  });
  const changing = { ...runtime, isEnabled: false };
  const consumer = new ScriptedConsumer();
  instrumentConsumer(changing, consumer as unknown as Methods, client);
  const request = () => {
    consumer.report('REQUEST', { apiName: 'Produce', broker: 'kafka-1:9092', duration: 250 });
    consumer.report('REQUEST_TIMEOUT', { apiName: 'Produce', broker: 'kafka-1:9092' });
  };
  request();
  changing.isEnabled = true;
  context.with(suppressTracing(context.active()), request);
  for (const name of ['duration', 'timeouts']) expect(await read(`kafka.client.request.${name}`)).toEqual([]);
});

test.each<[string, boolean, boolean]>([
  ['the option requestMetrics', true, false],
  ['metrics', false, true],
])('requests have no listener without %s', (_what, isMeasured, requestMetrics) => {
  const bare = tracing.runtime({ requestMetrics, metrics: isMeasured });
  const consumer = new ScriptedConsumer();
  instrumentConsumer(
    isMeasured ? measuring.with(bare).runtime : bare,
    consumer as unknown as Methods,
    client,
  );
  expect(consumer.observed().filter(name => name.startsWith('REQUEST'))).toEqual([]);
});

test.each(EVENTS)('a listener of %s never throws, whatever the event', async name => {
  const { consumer } = await observed();
  for (const event of [
    undefined,
    null,
    {},
    { payload: null },
    { payload: { topics: 7, memberAssignment: 7, broker: 7 } },
  ])
    expect(() => {
      consumer.emitEvent(name, event);
    }).not.toThrow();
});

test('an event that an older kafkajs lacks gets no listener', async () => {
  const { consumer } = await observed(new ScriptedConsumer(['HEARTBEAT', 'STOP']));
  expect(consumer.observed()).toEqual(['HEARTBEAT', 'STOP']);
});

test.each([[{}], [{ on: 'text' }], [{ on: () => undefined, events: undefined }]])(
  'a client without events, %j, is instrumented without them',
  odd => {
    const { runtime } = measuring.with(tracing.runtime({ requestMetrics: true }));
    instrumentConsumer(runtime, odd, client);
    expect(tracing.logged).toEqual([]);
  },
);
