import { context, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { withMessageSpan } from '../../../../src/core/message-span';
import { useTracing } from '../../core/tracing';
import { useScripted } from './scripted';

const tracing = useTracing();
const start = useScripted();

const ASSIGNED = 'kafka.consumer.assigned_partitions';
const HEARTBEAT = 'kafka.consumer.heartbeat_age';
const LAG = 'kafka.consumer.records_lag';
const CONSUMED = 'messaging.client.consumed.messages';

const record = (offset: number) => ({ offset: String(offset), headers: {} });
const spans = () => tracing.spans().map(({ name }) => name);

describe('while the instrumentation is disabled', () => {
  test('a consumer that disconnects is not reported as running afterwards', async () => {
    const { instrumentation, consumer, sdk, values } = start();
    await consumer.run({ eachMessage: () => undefined });
    consumer.joins(0, 1);
    expect(await values(ASSIGNED)).toEqual([2]);
    instrumentation.disable();
    consumer.report('STOP');
    consumer.report('DISCONNECT');
    instrumentation.enable();
    expect([await values(ASSIGNED), await values(HEARTBEAT, 'cumulative')]).toEqual([[0], [0]]);
    expect(await sdk.all('delta')).toEqual({});
  });

  test('a consumer that joins its group is reported afterwards', async () => {
    const { instrumentation, consumer, values } = start();
    await consumer.run({ eachMessage: () => undefined });
    instrumentation.disable();
    consumer.joins(0, 1);
    instrumentation.enable();
    expect(await values(ASSIGNED)).toEqual([2]);
  });

  test.each<[string, object]>([
    ['eachMessage', { eachMessage: () => undefined }],
    ['eachBatch', { eachBatch: () => undefined }],
  ])('the progress of %s moves the lag, and nothing is counted', async (_name, config) => {
    const { instrumentation, consumer, values } = start();
    await consumer.run(config);
    consumer.joins(0);
    instrumentation.disable();
    await consumer.fetches(10, record(7), record(8));
    instrumentation.enable();
    expect([await values(LAG), await values(CONSUMED)]).toEqual([[1], []]);
    expect(spans()).toEqual([]);
  });

  test.each<[string, (started: ReturnType<typeof start>) => void]>([
    ['its config', ({ instrumentation }) => { instrumentation.setConfig({ spanName: 'go-agent' }); }],
    ['its meter provider', ({ instrumentation, sdk }) => { instrumentation.setMeterProvider(sdk.provider); }],
  ])('%s may change, and no gauge is reported before it is enabled', async (_what, change) => {
    const started = start();
    const { instrumentation, consumer, values } = started;
    await consumer.run({ eachMessage: () => undefined });
    consumer.joins(0);
    instrumentation.disable();
    change(started);
    expect(await values(ASSIGNED)).toEqual([]);
    instrumentation.enable();
    expect(await values(ASSIGNED)).toEqual([1]);
  }); // prettier-ignore

  test('a seek moves the lag', async () => {
    const { instrumentation, consumer, values } = start();
    await consumer.run({ eachMessage: () => undefined });
    consumer.joins(0);
    await consumer.fetches(10, record(0));
    instrumentation.disable();
    consumer.seek({ topic: 'orders', partition: 0, offset: '6' });
    instrumentation.enable();
    expect(await values(LAG)).toEqual([4]);
  });

  test('rebalances and crashes are not counted', async () => {
    const { instrumentation, consumer, sdk } = start();
    await consumer.run({ eachMessage: () => undefined });
    consumer.joins(0);
    instrumentation.disable();
    consumer.joins(0);
    consumer.report('CRASH', { error: new Error('m'), restart: true });
    instrumentation.enable();
    const counted = async () => {
      const all = await sdk.all('delta');
      return ['rebalances', 'crashes'].map(name => all[`kafka.consumer.${name}`]?.dataPoints[0]?.value);
    };
    expect(await counted()).toEqual([undefined, undefined]);
    consumer.joins(0);
    consumer.joins(0);
    consumer.report('CRASH', { error: new Error('m'), restart: true });
    expect(await counted()).toEqual([1, 1]);
  });

  test.each<[string, object]>([
    ['eachMessage', { eachMessage: () => trace.getActiveSpan() }],
    ['eachBatch', { eachBatch: () => trace.getActiveSpan() }],
  ])('run() may be called, and %s has spans afterwards', async (_name, config) => {
    const { instrumentation, consumer } = start();
    instrumentation.disable();
    await consumer.run(config);
    expect(await consumer.fetches(1, record(0))).toEqual([undefined]);
    instrumentation.enable();
    await consumer.fetches(2, record(1));
    expect(spans()).toEqual(['process orders']);
  });

  test('withMessageSpan only runs the function', async () => {
    const { instrumentation, consumer } = start();
    const active: unknown[] = [];
    await consumer.run({
      eachBatch: payload => {
        const { batch } = payload as { batch: { messages: unknown[] } };
        instrumentation.disable();
        const outer = trace.getActiveSpan();
        for (const message of batch.messages)
          withMessageSpan(batch, message, () => active.push(trace.getActiveSpan() === outer));
        instrumentation.enable();
        withMessageSpan(batch, batch.messages[0], () => undefined);
      },
    });
    await consumer.fetches(2, record(0), record(1));
    expect(active).toEqual([true, true]);
    expect(spans()).toEqual(['process orders', 'process orders']);
  });
});

test('the offsets that a batch handler resolves while metrics are off move the lag', async () => {
  const { instrumentation, consumer, values } = start();
  const resolved: string[] = [];
  await consumer.run({
    eachBatchAutoResolve: false,
    eachBatch: payload => {
      const { resolveOffset } = payload as { resolveOffset: (offset: string) => void };
      for (const offset of resolved) resolveOffset(offset);
    },
  });
  consumer.joins(0);
  await consumer.fetches(10, record(5), record(6));
  expect(await values(LAG)).toEqual([5]);
  instrumentation.setConfig({ metrics: false });
  resolved.push('7');
  await consumer.fetches(10, record(7), record(8));
  instrumentation.setConfig({ metrics: true });
  expect(await values(LAG)).toEqual([2]);
});

describe('when tracing is suppressed', () => {
  const suppressed = <Result>(run: () => Result) => context.with(suppressTracing(context.active()), run);

  test('a consumer that runs is not reported', async () => {
    const { consumer, sdk } = start();
    await suppressed(async () => {
      await consumer.run({ eachMessage: () => undefined });
      consumer.joins(0);
      await consumer.fetches(10, record(0));
      consumer.joins(0);
    });
    expect(await sdk.all('delta')).toEqual({});
  });

  test('a consumer that disconnects is not reported as running afterwards', async () => {
    const { consumer, values } = start();
    await consumer.run({ eachMessage: () => undefined });
    consumer.joins(0, 1);
    suppressed(() => {
      consumer.report('DISCONNECT');
    });
    expect(await values(ASSIGNED)).toEqual([0]);
  });
});
