import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { metrics as api } from '@opentelemetry/api';
import { createAllowListAttributesProcessor } from '@opentelemetry/sdk-metrics';
import type { Metrics } from '../../../src/metrics/recorder';
import { client, stranger } from '../core/tracing';
import { freshMetrics, useMeasuring } from './measuring';

const measuring = useMeasuring();

const SENT = 'messaging.client.sent.messages';
const CONSUMED = 'messaging.client.consumed.messages';
const DURATION = 'messaging.client.operation.duration';
const TOPIC = 'messaging.destination.name';

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
  const finished = { topic: 'orders', duration: 1, errorType: undefined };

  test.each<[string, (metrics: Metrics) => void, string, object]>([
    ['of sent messages', metrics => { metrics.sent('orders', 1, undefined); }, SENT, send],
    [
      'of messages that were sent in vain',
      metrics => { metrics.sent('orders', 1, 'MESSAGE_TOO_LARGE'); },
      SENT,
      { ...send, 'error.type': 'MESSAGE_TOO_LARGE' },
    ],
    ['of consumed messages', metrics => { metrics.consumed(client, 'orders', 1); }, CONSUMED, process],
    [
      'of a send',
      metrics => { metrics.finished(stranger, { operation: 'send', ...finished }); },
      DURATION,
      { ...send, 'messaging.operation.type': 'send' },
    ],
    [
      'of a commit of several topics',
      metrics => { metrics.finished(client, { operation: 'commit', ...finished, topic: undefined }); },
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
      metrics => { metrics.finished(client, { operation: 'process', ...finished, errorType: '_OTHER' }); },
      'messaging.process.duration',
      { ...process, 'error.type': '_OTHER' },
    ],
    ['of a wait', metrics => { metrics.queued(client, 'orders', 1); }, 'kafka.message.queue_time', process],
    ['of a rebalance', metrics => { metrics.rebalanced(client); }, 'kafka.consumer.rebalances', group],
    [
      'of a crash',
      metrics => { metrics.crashed(client, 'TypeError', false); },
      'kafka.consumer.crashes',
      { ...group, 'error.type': 'TypeError', 'kafka.consumer.restarts': false },
    ],
  ])('%s are these and no more', async (_what, record, name, expected) => {
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
  ])('of a request to %s name that broker', async (broker, expected) => {
    const { metrics, read } = measuring.start({ requestMetrics: true });
    metrics.requested('Produce', broker, 0.25);
    metrics.timedOut('Produce', broker);
    const attributes = { ...system, 'kafka.api.name': 'Produce', ...expected };
    expect(await read('kafka.client.request.duration')).toMatchObject([{ value: { sum: 0.25 } }]);
    for (const name of ['kafka.client.request.duration', 'kafka.client.request.timeouts'])
      expect((await read(name)).map(point => point.attributes)).toEqual([attributes]);
  });
});

describe('what is bounded:', () => {
  test('5,000 reply topics are 500 series and one for the others, and no message is lost', async () => {
    const { metrics, read } = measuring.start();
    for (let request = 0; request < 5000; request++) {
      const topic = `reply-${request}`;
      metrics.sent(topic, 2, undefined);
      metrics.consumed(client, topic, 1);
      metrics.finished(client, { operation: 'send', topic, duration: 0.1, errorType: undefined });
    }
    const [sent, consumed, durations] = [await read(SENT), await read(CONSUMED), await read(DURATION)];
    expect([sent.length, consumed.length, durations.length]).toEqual([501, 501, 501]);
    const other = ({ attributes }: { attributes: object }) => Object.values(attributes).includes('_other');
    expect([sent.find(other)?.value, consumed.find(other)?.value]).toEqual([9000, 4500]);
    expect(durations.find(other)).toMatchObject({ value: { count: 4500 } });
  });

  test('100 types of error are told apart', async () => {
    const { metrics, read } = measuring.start();
    for (let error = 0; error < 300; error++) metrics.sent('orders', 1, `Error${error}`);
    const points = await read(SENT);
    expect(points).toHaveLength(101);
    expect(points.find(({ attributes }) => attributes['error.type'] === '_OTHER')).toMatchObject({
      value: 200,
    });
  });

  test('topics times errors are 2,000 series at most, and no message is lost', async () => {
    const { metrics, read } = measuring.start();
    for (let topic = 0; topic < 400; topic++)
      for (let error = 0; error < 10; error++) metrics.sent(`topic-${topic}`, 1, `Error${error}`);
    const values = (await read(SENT)).map(({ value }) => Number(value));
    expect(values.length).toBeLessThanOrEqual(2001);
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(4000);
  });

  test('memory, however many topics, groups and errors there are, also where nobody ever reads', async () => {
    const program = `
      const { freshMetrics } = require('./test/unit/metrics/measuring.ts');
      const { MeterProvider } = require('@opentelemetry/sdk-metrics');
      const metrics = freshMetrics();
      metrics.useMeter(new MeterProvider().getMeter('nobody reads it'), false);
      const handle = index => {
        const client = { group: 'group-' + (index % 7), clusterId: () => 'c' };
        metrics.sent('topic-' + index, 1, 'Error' + index);
        metrics.consumed(client, 'topic-' + index, 1);
        metrics.queued(client, 'topic-' + index, 1);
        metrics.finished(client, { operation: 'process', topic: 'topic-' + index, duration: 1, errorType: 'Error' + index });
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
    // 50,000 topics that are remembered are megabytes.
    expect(Number(stdout)).toBeLessThan(1_000_000);
  });
});

describe('whoever reads', () => {
  test('a view that drops attributes gets the sums', async () => {
    const { metrics, read } = measuring.start({
      views: [
        { instrumentName: 'messaging.*', attributesProcessors: [createAllowListAttributesProcessor([])] },
      ],
    });
    for (const topic of ['orders', 'bills']) {
      metrics.sent(topic, 2, undefined);
      metrics.sent(topic, 1, 'ECONNREFUSED');
      metrics.finished(client, { operation: 'process', topic, duration: 1, errorType: undefined });
    }
    expect(await read(SENT)).toMatchObject([{ value: 6, attributes: {} }]);
    metrics.sent('orders', 1, undefined);
    expect(await read(SENT)).toMatchObject([{ value: 7 }]);
    expect(await read('messaging.process.duration')).toMatchObject([{ value: { count: 2, sum: 2 } }]);
  });

  test('a cumulative and a delta reader each get the whole truth, in any order', async () => {
    const { metrics, read } = measuring.start();
    const values = async (temporality: 'cumulative' | 'delta') =>
      (await Promise.all([SENT, CONSUMED].map(name => read(name, temporality))))
        .flat()
        .map(({ value }) => value);
    metrics.sent('orders', 3, undefined);
    metrics.consumed(client, 'orders', 2);
    expect(await read(SENT, 'delta')).toMatchObject([{ value: 3 }]);
    metrics.sent('orders', 4, undefined);
    expect(await values('cumulative')).toEqual([7, 2]);
    expect(await read(SENT, 'delta')).toMatchObject([{ value: 4 }]);
    expect(await read(SENT, 'delta')).toEqual([]);
    metrics.sent('orders', 1, undefined);
    expect(await read(SENT, 'cumulative')).toMatchObject([{ value: 8 }]);
    expect(await read(SENT, 'delta')).toMatchObject([{ value: 1 }]);
  });

  test('an SDK that comes later gets what is counted from then on, and the next one what comes after that', async () => {
    const metrics = freshMetrics();
    const useSdk = () => {
      const { provider, read } = measuring.start();
      metrics.useMeter(provider.getMeter('test'), false);
      return read;
    };
    const countAll = () => {
      metrics.sent('orders', 5, undefined);
      metrics.consumed(client, 'orders', 2);
      metrics.rebalanced(client);
      metrics.crashed(client, 'Error', true);
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
    metrics.consumed(client, 'orders', 1);
    expect(await values(first)).toEqual([5, 2, 1, 1]);
    expect(await values(second)).toEqual([undefined, 1, undefined, undefined]);
  });

  test('what was counted before the metrics leave their meter is handed over', async () => {
    const { metrics, read } = measuring.start();
    metrics.sent('orders', 2, undefined);
    metrics.leaveMeter();
    metrics.finished(client, { operation: 'send', topic: 'orders', duration: 1, errorType: undefined });
    expect(await read(SENT)).toMatchObject([{ value: 2 }]);
    expect(await read(DURATION)).toEqual([]);
  });
});
