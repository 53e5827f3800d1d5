import { metrics as api } from '@opentelemetry/api';
import type { Measured } from '../../metrics/measuring';
import { useTracing } from '../../core/tracing';
import { useScripted, type ScriptedConsumer, type ScriptedProducer } from './scripted';

useTracing();
const start = useScripted();
afterEach(() => {
  api.disable();
});

const COUNTERS = [
  'messaging.client.sent.messages',
  'messaging.client.consumed.messages',
  'kafka.consumer.rebalances',
  'kafka.consumer.crashes',
];
/** Returns the value of each counter. Undefined for a counter without a value. */
async function counted({ all }: Measured) {
  const metrics = await all();
  return COUNTERS.map(name => metrics[name]?.dataPoints[0]?.value);
}

/** Causes one send, one delivery, one rebalance and one crash. */
async function runOnce({ producer, consumer }: { producer: ScriptedProducer; consumer: ScriptedConsumer }) {
  consumer.joins(0);
  consumer.joins(0);
  consumer.report('CRASH', { error: new Error('m'), restart: true });
  consumer.joins(0);
  await consumer.fetches(1, { offset: '0', timestamp: '0' });
  await producer.send({ topic: 'orders', messages: [{ value: 'v' }] });
}

describe('counting starts', () => {
  test.each<[string, (started: ReturnType<typeof start>) => void]>([
    ['when a meter provider is registered', ({ sdk }) => api.setGlobalMeterProvider(sdk.provider)],
    ['when a meter provider is set', ({ instrumentation, sdk }) => { instrumentation.setMeterProvider(sdk.provider); }], // prettier-ignore
  ])('%s', async (_what, register) => {
    const started = start({ isMeasured: false });
    const { consumer, sdk } = started;
    await consumer.run({ eachMessage: () => undefined });
    await runOnce(started);
    register(started);
    expect(await counted(sdk)).toEqual([undefined, undefined, undefined, undefined]);
    // The consumer is already in its group, so its new join counts as a rebalance too.
    await runOnce(started);
    expect(await counted(sdk)).toEqual([1, 1, 2, 1]);
  });

  test('when metrics are switched on', async () => {
    const started = start();
    const { consumer, sdk, instrumentation } = started;
    await consumer.run({ eachMessage: () => undefined });
    instrumentation.setConfig({ metrics: false });
    await runOnce(started);
    instrumentation.setConfig({ metrics: true });
    expect(await counted(sdk)).toEqual([undefined, undefined, undefined, undefined]);
    await runOnce(started);
    expect(await counted(sdk)).toEqual([1, 1, 2, 1]);
  });
});

describe('setConfig changes the attributes of metrics', () => {
  const CONSUMED = 'messaging.client.consumed.messages';
  const system = { '1.44': 'messaging.system', '1.45': 'messaging.system.name' };

  test('of every kind, with the option semconv', async () => {
    const started = start();
    const { consumer, sdk, instrumentation } = started;
    await consumer.run({ eachMessage: () => undefined });
    await runOnce(started);
    instrumentation.setConfig({ semconv: '1.45' });
    await runOnce(started);
    const all = await sdk.all('delta');
    for (const name of [
      CONSUMED,
      'kafka.consumer.rebalances',
      'kafka.consumer.crashes',
      'messaging.process.duration',
      'kafka.message.queue_time',
    ]) {
      const systems = all[name]?.dataPoints.map(({ attributes }) => [
        attributes[system['1.44']],
        attributes[system['1.45']],
      ]);
      expect([name, systems]).toEqual([name, [['kafka', undefined], [undefined, 'kafka']]]); // prettier-ignore
    }
    for (const name of ['kafka.consumer.records_lag', 'kafka.consumer.assigned_partitions'])
      expect(all[name]?.dataPoints.map(({ attributes }) => attributes[system['1.45']])).toEqual(['kafka']);
    expect(['messaging.client.sent.messages', CONSUMED].map(name => all[name]?.dataPoints.map(({ value }) => value))).toEqual([[1, 1], [1, 1]]); // prettier-ignore
  });

  test('with the option spanName', async () => {
    const { consumer, sdk, instrumentation } = start();
    await consumer.run({ eachMessage: () => undefined });
    consumer.joins(0);
    await consumer.fetches(2, { offset: '0' });
    instrumentation.setConfig({ spanName: 'go-agent' });
    await consumer.fetches(2, { offset: '1' });
    for (const name of [CONSUMED, 'messaging.process.duration']) {
      const points = await sdk.read(name);
      expect(points.map(({ attributes }) => attributes['messaging.operation.name'])).toEqual([
        'process',
        'receive',
      ]);
    }
  });
});
