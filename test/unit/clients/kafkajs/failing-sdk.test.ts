import { propagation, type TracerProvider } from '@opentelemetry/api';
import {
  TracerProvider as SdkTracerProvider,
  AlwaysOnSampler,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { useTracing } from '../../core/tracing';
import { useScripted } from './scripted';

useTracing();
const start = useScripted();

const fails = (): never => {
  throw new Error('from the SDK');
};
const sampler: Sampler = { shouldSample: fails, toString: () => 'failing' };
const processor = (failing: Partial<SpanProcessor>): SpanProcessor => ({
  onStart: () => undefined,
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
  ...failing,
});
const provider = (own: SpanProcessor, sampling: Sampler = new AlwaysOnSampler()): TracerProvider =>
  new SdkTracerProvider({ sampler: sampling, spanProcessors: [own] });

/** Parts of OpenTelemetry that throw during a test. */
const FAILING: readonly (readonly [string, () => TracerProvider])[] = [
  ['a sampler', () => provider(processor({}), sampler)],
  ["a processor's onStart", () => provider(processor({ onStart: fails }))],
  ["a processor's onEnd", () => provider(processor({ onEnd: fails }))],
  [
    'a propagator',
    () => {
      jest.spyOn(propagation, 'extract').mockImplementation(fails);
      return provider(processor({}));
    },
  ],
];
afterEach(() => {
  jest.restoreAllMocks();
});

const LAG = 'kafka.consumer.records_lag';
const record = (offset: number) => ({
  offset: String(offset),
  timestamp: String(Date.now() - 5000),
  headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
});

describe.each(FAILING)('when %s throws', (_what, failing) => {
  /** Returns the values of all counters, and the number of values in all histograms, by name. */
  const started = () => {
    const { sdk, ...rest } = start({ tracerProvider: failing() });
    const counts = async () => {
      const all = Object.values(await sdk.all());
      return Object.fromEntries(
        all.map(({ descriptor: { name }, dataPoints }) => [
          name,
          dataPoints.map(({ value }) =>
            typeof value === 'number' ? value : (value as { count: number }).count,
          ),
        ]),
      );
    };
    return { ...rest, counts };
  };

  test.each<[string, (handler: () => unknown) => object]>([
    ['eachMessage', eachMessage => ({ eachMessage })],
    ['eachBatch', eachBatch => ({ eachBatch })],
  ])('%s counts and moves the lag', async (name, configOf) => {
    const { consumer, counts } = started();
    const handler = jest.fn(() => Promise.resolve('value'));
    await consumer.run(configOf(handler));
    consumer.joins(0);
    const results = await consumer.fetches(10, record(7), record(8));
    const runs = name === 'eachMessage' ? 2 : 1;
    expect(results).toEqual(Array(runs).fill('value'));
    expect(handler).toHaveBeenCalledTimes(runs);
    expect(await counts()).toMatchObject({
      'messaging.client.consumed.messages': [2],
      'messaging.process.duration': [runs],
      'kafka.message.queue_time': [expect.any(Number)],
      [LAG]: [1],
    });
  });

  test('an offset that a batch handler resolves moves the lag', async () => {
    const { consumer, counts } = started();
    await consumer.run({
      eachBatchAutoResolve: false,
      eachBatch: payload => {
        (payload as { resolveOffset: (offset: string) => void }).resolveOffset('7');
      },
    });
    consumer.joins(0);
    await consumer.fetches(10, record(7), record(8));
    expect(await counts()).toMatchObject({ [LAG]: [2] });
  });

  test('a commit has its duration', async () => {
    const { consumer, counts } = started();
    await consumer.commitOffsets([{ topic: 'orders', partition: 0, offset: '8' }]);
    expect(await counts()).toMatchObject({ 'messaging.client.operation.duration': [1] });
  });

  test('sends and commits inside a transaction are counted', async () => {
    const { producer, counts } = started();
    const transaction = await producer.transaction();
    await transaction.send({ topic: 'orders', messages: [{ value: 'v' }, { value: 'w' }] });
    await transaction.sendOffsets({
      consumerGroupId: 'billing',
      topics: [{ topic: 'orders', partitions: [{ partition: 0, offset: '8' }] }],
    });
    await transaction.commit();
    expect(await counts()).toMatchObject({
      'messaging.client.sent.messages': [2],
      'messaging.client.operation.duration': [1, 1],
    });
  });
});

test.each<[string, object]>([
  ['eachMessage', { eachMessage: () => undefined }],
  ['eachBatch', { eachBatch: () => undefined }],
])('when a histogram throws, %s still counts and moves the lag', async (_name, config) => {
  const { consumer, sdk, instrumentation, values } = start({ isMeasured: false });
  const getMeter = sdk.provider.getMeter.bind(sdk.provider);
  jest.spyOn(sdk.provider, 'getMeter').mockImplementation((...args) => {
    const meter = getMeter(...args);
    jest.spyOn(meter, 'createHistogram').mockReturnValue({ record: fails });
    return meter;
  });
  instrumentation.setMeterProvider(sdk.provider);
  await consumer.run(config);
  consumer.joins(0);
  await consumer.fetches(10, record(7), record(8));
  expect(await values(LAG)).toEqual([1]);
  expect(await values('messaging.client.consumed.messages', 'cumulative')).toEqual([2]);
});
