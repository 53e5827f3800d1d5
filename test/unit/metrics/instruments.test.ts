import { ValueType, metrics as api, type MetricOptions } from '@opentelemetry/api';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { createInstruments } from '../../../src/metrics/instruments';
import { useMeasuring } from './measuring';
import { ConsumerHealth } from '../../../src/metrics/consumer-health';
import type { MetricsRecorder } from '../../../src/metrics/recorder';
import { client } from '../core/tracing';

const measuring = useMeasuring();

const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const QUEUE_TIMES = [...DURATIONS, 30, 60, 120, 300, 600, 1800, 3600];
const EXPECTED: Readonly<Record<string, readonly [type: string, unit: string, bounds?: readonly number[]]>> =
  {
    'messaging.client.operation.duration': ['HISTOGRAM', 's', DURATIONS],
    'messaging.process.duration': ['HISTOGRAM', 's', DURATIONS],
    'kafka.message.queue_time': ['HISTOGRAM', 's', QUEUE_TIMES],
    'messaging.client.sent.messages': ['SUM', '{message}'],
    'messaging.client.consumed.messages': ['SUM', '{message}'],
    'kafka.consumer.rebalances': ['SUM', '{rebalance}'],
    'kafka.consumer.crashes': ['SUM', '{crash}'],
    'kafka.consumer.records_lag': ['GAUGE', '{message}'],
    'kafka.consumer.time_lag': ['GAUGE', 's'],
    'kafka.consumer.assigned_partitions': ['GAUGE', '{partition}'],
    'kafka.consumer.heartbeat_age': ['GAUGE', 's'],
  };
const REQUEST_METRICS: typeof EXPECTED = {
  'kafka.client.request.duration': ['HISTOGRAM', 's', DURATIONS],
  'kafka.client.request.timeouts': ['SUM', '{request}'],
};

/** Gives every metric at least one value. */
function recordEverything(metrics: MetricsRecorder): void {
  const health = new ConsumerHealth(client.messages);
  health.joined({ orders: [2] });
  health.heartbeat(Date.now());
  health.partitions.fetched('orders', 2, { highWatermark: 9, firstOffset: 7, lastOffset: 8, count: 2 });
  health.partitions.began('orders', 2, [{ offset: '7', timestamp: String(Date.now() - 1000) }]);
  metrics.watch(health, client);
  metrics.countSent('orders', 1, undefined);
  metrics.countConsumed(client, 'orders', 1);
  metrics.recordDuration(client, { operation: 'send', topic: 'orders', seconds: 0.1, errorType: undefined });
  metrics.recordDuration(client, {
    operation: 'process',
    topic: 'orders',
    seconds: 0.1,
    errorType: undefined,
  });
  metrics.recordQueueTime(client, 'orders', 0, true);
  metrics.countRebalance(client);
  metrics.countCrash(client, 'Error', true);
  metrics.requested('Produce', 'kafka-1:9092', 0.1);
  metrics.timedOut('Produce', 'kafka-1:9092');
}

test.each([
  ['without request metrics', false, EXPECTED],
  ['with request metrics', true, { ...EXPECTED, ...REQUEST_METRICS }],
])(
  'every metric has its instrument, unit, boundaries and a description, %s',
  async (_what, requestMetrics, expected) => {
    const { metrics, all } = measuring.start({ requestMetrics });
    recordEverything(metrics);
    const shapes = Object.entries(await all()).map(([name, { descriptor, dataPoints, dataPointType }]) => {
      const { unit, description } = descriptor;
      const type = DataPointType[dataPointType];
      expect(description).toMatch(/^[A-Z].+\.$/);
      const { buckets } = dataPoints[0]?.value as { buckets?: { boundaries: number[] } };
      return [name, buckets ? [type, unit, buckets.boundaries] : [type, unit]];
    });
    expect(Object.fromEntries(shapes)).toEqual(expected);
  },
);

test('without an SDK every instrument exists and accepts values', () => {
  const { operationDuration, requestTimeouts } = createInstruments(api.getMeter('none'), true);
  operationDuration.record(1);
  requestTimeouts?.add(1);
  expect(createInstruments(api.getMeter('none'), false).requestTimeouts).toBeUndefined();
});

test('a meter that refuses integers, as that of Deno 2 does, has every instrument', async () => {
  const { provider, all } = measuring.start();
  const meter = provider.getMeter('without integers');
  const refused: string[] = [];
  const withoutIntegers = new Proxy(meter, {
    get: (_, method: 'createCounter') => (name: string, options?: MetricOptions) => {
      if (options?.valueType !== ValueType.INT) return meter[method](name, options);
      refused.push(name);
      throw new Error('Only valueType: DOUBLE is supported');
    },
  });
  createInstruments(withoutIntegers, true).sent.add(2);
  expect(refused).toContain('messaging.client.sent.messages');
  expect((await all())['messaging.client.sent.messages']?.dataPoints).toMatchObject([{ value: 2 }]);
});
