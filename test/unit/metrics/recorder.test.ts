import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { metrics as api } from '@opentelemetry/api';
import { createAllowListAttributesProcessor } from '@opentelemetry/sdk-metrics';
import type { MetricsRecorder } from '../../../src/metrics/recorder';
import { client, stranger } from '../core/tracing';
import { freshMetrics, useMeasuring } from './measuring';

const measuring = useMeasuring();

const SENT = 'messaging.client.sent.messages';
const CONSUMED = 'messaging.client.consumed.messages';
const DURATION = 'messaging.client.operation.duration';
const TOPIC = 'messaging.destination.name';

/** A meter without an SDK. Its counters call this function. */
const meterWithCounter = (add: (value: number, attributes: Record<string, unknown>) => void) =>
  new Proxy(api.getMeter('none'), {
    get: (target, name, receiver) =>
      name === 'createCounter' ? () => ({ add }) : (Reflect.get(target, name, receiver) as unknown),
  });

describe('the attributes', () => {
  const system = { 'messaging.system': 'kafka' };
  const send = { ...system, 'messaging.operation.name': 'send', [TOPIC]: 'orders' };
  const process = {
    ...system,
    'messaging.operation.name': 'process',
    [TOPIC]: 'orders',
    'messaging.consumer.group.name': 'billing',
  };
  const group = {
    ...system,
    'messaging.consumer.group.name': 'billing',
    'messaging.kafka.cluster.id': 'cluster-1',
  };
  const ended = { topic: 'orders', seconds: 1, errorType: undefined };

  test.each<[string, (metrics: MetricsRecorder) => void, string, object]>([
    ['of sent messages', metrics => { metrics.countSent('orders', 1, undefined); }, SENT, send],
    [
      'of messages that failed',
      metrics => { metrics.countSent('orders', 1, 'MESSAGE_TOO_LARGE'); },
      SENT,
      { ...send, 'error.type': 'MESSAGE_TOO_LARGE' },
    ],
    ['of consumed messages', metrics => { metrics.countConsumed(client, 'orders', 1); }, CONSUMED, process],
    [
      'of a send',
      metrics => { metrics.recordDuration(stranger, { operation: 'send', ...ended }); },
      DURATION,
      { ...send, 'messaging.operation.type': 'send' },
    ],
    [
      'of a commit of several topics',
      metrics => { metrics.recordDuration(client, { operation: 'commit', ...ended, topic: undefined }); },
      DURATION,
      {
        ...system,
        'messaging.operation.name': 'commit',
        'messaging.operation.type': 'settle',
        'messaging.consumer.group.name': 'billing',
      },
    ],
    [
      'of a handler',
      metrics => { metrics.recordDuration(client, { operation: 'process', ...ended, errorType: '_OTHER' }); },
      'messaging.process.duration',
      { ...process, 'error.type': '_OTHER' },
    ],
    ['of a queue time', metrics => { metrics.recordQueueTime(client, 'orders', 0, true); }, 'kafka.message.queue_time', process],
    ['of a rebalance', metrics => { metrics.countRebalance(client); }, 'kafka.consumer.rebalances', group],
    [
      'of a crash',
      metrics => { metrics.countCrash(client, 'TypeError', false); },
      'kafka.consumer.crashes',
      { ...group, 'error.type': 'TypeError', 'kafka.consumer.restarts': false },
    ],
  ])('%s are complete', async (_what, record, name, expected) => {
    const { metrics, read } = measuring.start();
    record(metrics);
    expect((await read(name)).map(({ attributes }) => attributes)).toEqual([expected]);
  }); // prettier-ignore

  test.each([
    ['kafka-1:9092', { 'server.address': 'kafka-1', 'server.port': 9092 }],
    ['::1:9092', { 'server.address': '::1', 'server.port': 9092 }],
    ['[2001:db8::7]:9093', { 'server.address': '2001:db8::7', 'server.port': 9093 }],
    ['2001:db8::7:9093', { 'server.address': '2001:db8::7', 'server.port': 9093 }],
    ['kafka-1', { 'server.address': 'kafka-1' }],
    ['kafka-1:', { 'server.address': 'kafka-1:' }],
  ])('of a request to %s name the broker', async (broker, expected) => {
    const { metrics, read } = measuring.start({ requestMetrics: true });
    metrics.requested('Produce', broker, 0.25);
    metrics.timedOut('Produce', broker);
    const attributes = { ...system, 'kafka.api.name': 'Produce', ...expected };
    expect(await read('kafka.client.request.duration')).toMatchObject([{ value: { sum: 0.25 } }]);
    for (const name of ['kafka.client.request.duration', 'kafka.client.request.timeouts'])
      expect((await read(name)).map(point => point.attributes)).toEqual([attributes]);
  });
});

describe('the cardinality limit', () => {
  test('5,000 reply topics make 500 series and one for the others, and every message is counted', async () => {
    const { metrics, read } = measuring.start();
    for (let request = 0; request < 5000; request++) {
      const topic = `reply-${request}`;
      metrics.countSent(topic, 2, undefined);
      metrics.countConsumed(client, topic, 1);
      metrics.recordDuration(client, { operation: 'send', topic, seconds: 0.1, errorType: undefined });
    }
    const [sent, consumed, durations] = [await read(SENT), await read(CONSUMED), await read(DURATION)];
    expect([sent.length, consumed.length, durations.length]).toEqual([501, 501, 501]);
    const other = ({ attributes }: { attributes: object }) => Object.values(attributes).includes('_other');
    expect([sent.find(other)?.value, consumed.find(other)?.value]).toEqual([9000, 4500]);
    expect(durations.find(other)).toMatchObject({ value: { count: 4500 } });
  });

  test('of error types is 100', async () => {
    const { metrics, read } = measuring.start();
    for (let error = 0; error < 300; error++) metrics.countSent('orders', 1, `Error${error}`);
    const points = await read(SENT);
    expect(points).toHaveLength(101);
    expect(points.find(({ attributes }) => attributes['error.type'] === '_OTHER')).toMatchObject({
      value: 200,
    });
  });

  test('topics times errors make at most 2,000 series, and every message is counted', async () => {
    const { metrics, read } = measuring.start();
    for (let topic = 0; topic < 400; topic++)
      for (let error = 0; error < 10; error++) metrics.countSent(`topic-${topic}`, 1, `Error${error}`);
    const values = (await read(SENT)).map(({ value }) => Number(value));
    expect(values.length).toBeLessThanOrEqual(2001);
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(4000);
  });

  test.each([
    ['3,000 groups', 3000, 1],
    ['10 groups times 400 topics', 10, 400],
  ])('%s make at most 2,000 series, and every message is counted', (_what, groups, topics) => {
    const metrics = freshMetrics();
    const added: number[] = [];
    // Use a meter without an SDK, because the SDK has its own limit.
    metrics.useMeter(
      meterWithCounter(value => void added.push(value)),
      false,
    );
    for (let topic = 0; topic < topics; topic++)
      for (let group = 0; group < groups; group++)
        metrics.countConsumed({ ...client, group: `group-${group}` }, `topic-${topic}`, 1);
    metrics.leaveMeter();
    expect(added.length).toBeLessThanOrEqual(2001);
    expect(added.reduce((sum, value) => sum + value, 0)).toBe(groups * topics);
  });

  test('bounds memory for any number of topics, groups and errors, even without a reader', async () => {
    const program = `
      const { freshMetrics } = require('./test/unit/metrics/measuring.ts');
      const { MeterProvider } = require('@opentelemetry/sdk-metrics');
      const metrics = freshMetrics();
      metrics.useMeter(new MeterProvider().getMeter('no reader'), false);
      const handle = index => {
        const client = { group: 'group-' + (index % 7), clusterId: () => 'c' };
        metrics.countSent('topic-' + index, 1, 'Error' + index);
        metrics.countConsumed(client, 'topic-' + index, 1);
        metrics.recordQueueTime(client, 'topic-' + index, 0, true);
        metrics.recordDuration(client, { operation: 'process', topic: 'topic-' + index, seconds: 1, errorType: 'Error' + index });
      };
      for (let index = 0; index < 5000; index++) handle(index);
      global.gc();
      const before = process.memoryUsage().heapUsed;
      for (let index = 5000; index < 55000; index++) handle(index);
      global.gc();
      console.log(process.memoryUsage().heapUsed - before);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--require', 'tsx/cjs', '-e', program],
      { cwd: join(__dirname, '../../..') },
    );
    // If 50,000 topics were remembered, the result would be megabytes.
    expect(Number(stdout)).toBeLessThan(1_000_000);
  });
});

describe('the readers', () => {
  test('a view that drops attributes gets sums', async () => {
    const { metrics, read } = measuring.start({
      views: [
        { instrumentName: 'messaging.*', attributesProcessors: [createAllowListAttributesProcessor([])] },
      ],
    });
    for (const topic of ['orders', 'bills']) {
      metrics.countSent(topic, 2, undefined);
      metrics.countSent(topic, 1, 'ECONNREFUSED');
      metrics.recordDuration(client, { operation: 'process', topic, seconds: 1, errorType: undefined });
    }
    expect(await read(SENT)).toMatchObject([{ value: 6, attributes: {} }]);
    metrics.countSent('orders', 1, undefined);
    expect(await read(SENT)).toMatchObject([{ value: 7 }]);
    expect(await read('messaging.process.duration')).toMatchObject([{ value: { count: 2, sum: 2 } }]);
  });

  test('a cumulative and a delta reader each get all counts, whichever collects first', async () => {
    const { metrics, read } = measuring.start();
    const values = async (temporality: 'cumulative' | 'delta') =>
      (await Promise.all([SENT, CONSUMED].map(name => read(name, temporality))))
        .flat()
        .map(({ value }) => value);
    metrics.countSent('orders', 3, undefined);
    metrics.countConsumed(client, 'orders', 2);
    expect(await read(SENT, 'delta')).toMatchObject([{ value: 3 }]);
    metrics.countSent('orders', 4, undefined);
    expect(await values('cumulative')).toEqual([7, 2]);
    expect(await read(SENT, 'delta')).toMatchObject([{ value: 4 }]);
    expect(await read(SENT, 'delta')).toEqual([]);
    metrics.countSent('orders', 1, undefined);
    expect(await read(SENT, 'cumulative')).toMatchObject([{ value: 8 }]);
    expect(await read(SENT, 'delta')).toMatchObject([{ value: 1 }]);
  });

  test('each newly registered SDK gets what is counted from then on', async () => {
    const metrics = freshMetrics();
    const useSdk = () => {
      const { provider, read } = measuring.start();
      metrics.useMeter(provider.getMeter('test'), false);
      return read;
    };
    const countAll = () => {
      metrics.countSent('orders', 5, undefined);
      metrics.countConsumed(client, 'orders', 2);
      metrics.countRebalance(client);
      metrics.countCrash(client, 'Error', true);
    };
    const values = async (read: ReturnType<typeof useSdk>) =>
      (await Promise.all([SENT, CONSUMED, 'kafka.consumer.rebalances', 'kafka.consumer.crashes'].map(name => read(name))))
        .map(points => points[0]?.value); // prettier-ignore
    countAll();
    metrics.useMeter(api.getMeter('none'), false);
    countAll();
    const first = useSdk();
    expect(await values(first)).toEqual([undefined, undefined, undefined, undefined]);
    countAll();
    expect(await values(first)).toEqual([5, 2, 1, 1]);
    const second = useSdk();
    metrics.countConsumed(client, 'orders', 1);
    expect(await values(first)).toEqual([5, 2, 1, 1]);
    expect(await values(second)).toEqual([undefined, 1, undefined, undefined]);
  });

  test('a counter that throws does not make any message count twice', () => {
    const metrics = freshMetrics();
    const added: unknown[] = [];
    let isBroken = true;
    const add = (value: number, attributes: Record<string, unknown>) => {
      if (isBroken) throw new Error('no');
      added.push([attributes[TOPIC], value]);
    };
    const failing = meterWithCounter(add);
    metrics.useMeter(failing, false);
    metrics.countSent('orders', 1, undefined);
    metrics.countSent('bills', 1, undefined);
    expect(() => {
      metrics.leaveMeter();
    }).toThrow('no');
    isBroken = false;
    metrics.useMeter(failing, false);
    metrics.leaveMeter();
    expect(added).toEqual([['bills', 1]]);
  });

  test('pending counts are handed over before the recorder leaves its meter', async () => {
    const { metrics, read } = measuring.start();
    metrics.countSent('orders', 2, undefined);
    metrics.leaveMeter();
    metrics.recordDuration(client, { operation: 'send', topic: 'orders', seconds: 1, errorType: undefined });
    expect(await read(SENT)).toMatchObject([{ value: 2 }]);
    expect(await read(DURATION)).toEqual([]);
  });
});
