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
/** The value of each counter, if it has one. */
async function counted({ all }: Measured) {
  const metrics = await all();
  return COUNTERS.map(name => metrics[name]?.dataPoints[0]?.value);
}

/** One of each: a send, a delivery, a rebalance and a crash. */
async function everything({
  producer,
  consumer,
}: {
  producer: ScriptedProducer;
  consumer: ScriptedConsumer;
}) {
  consumer.joins(0);
  consumer.joins(0);
  consumer.tell('CRASH', { error: new Error('m'), restart: true });
  consumer.joins(0);
  await consumer.fetches(1, { offset: '0', timestamp: '0' });
  await producer.send({ topic: 'orders', messages: [{ value: 'v' }] });
}

describe('before metrics have an SDK, nothing is counted, and then everything is:', () => {
  test.each<[string, (started: ReturnType<typeof start>) => void]>([
    ['one that is registered', ({ sdk }) => api.setGlobalMeterProvider(sdk.provider)],
    ['one that is handed over', ({ instrumentation, sdk }) => { instrumentation.setMeterProvider(sdk.provider); }], // prettier-ignore
  ])('%s', async (_what, comes) => {
    const started = start({ isMeasured: false });
    const { consumer, sdk } = started;
    await consumer.run({ eachMessage: () => undefined });
    await everything(started);
    comes(started);
    expect(await counted(sdk)).toEqual([undefined, undefined, undefined, undefined]);
    // A consumer that is in its group already rebalances once more.
    await everything(started);
    expect(await counted(sdk)).toEqual([1, 1, 2, 1]);
  });

  test('also while they are switched off', async () => {
    const started = start();
    const { consumer, sdk, instrumentation } = started;
    await consumer.run({ eachMessage: () => undefined });
    instrumentation.setConfig({ metrics: false });
    await everything(started);
    instrumentation.setConfig({ metrics: true });
    expect(await counted(sdk)).toEqual([undefined, undefined, undefined, undefined]);
    await everything(started);
    expect(await counted(sdk)).toEqual([1, 1, 2, 1]);
  });
});

describe('setConfig changes the attributes of metrics from then on, as of spans:', () => {
  const CONSUMED = 'messaging.client.consumed.messages';
  const system = { '1.44': 'messaging.system', '1.45': 'messaging.system.name' };

  test('semconv, for every kind of metric', async () => {
    const started = start();
    const { consumer, sdk, instrumentation } = started;
    await consumer.run({ eachMessage: () => undefined });
    await everything(started);
    instrumentation.setConfig({ semconv: '1.45' });
    await everything(started);
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

  test('spanName', async () => {
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
