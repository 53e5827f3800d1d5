import { instrumentProducer } from '../../../src/clients/kafkajs/producer';
import { traceCommit } from '../../../src/core/commit';
import { TracedConsumer } from '../../../src/core/consumer';
import type { ReceivedBatch } from '../../../src/core/port';
import { client, useTracing } from '../core/tracing';
import { useMeasuring } from './measuring';

const tracing = useTracing();
const measuring = useMeasuring();

const SENT = 'messaging.client.sent.messages';
const CONSUMED = 'messaging.client.consumed.messages';
const DURATION = 'messaging.client.operation.duration';
const PROCESS = 'messaging.process.duration';
const QUEUE_TIME = 'kafka.message.queue_time';

const system = { 'messaging.system': 'kafka' };
const sent = (topic: string) => ({
  ...system,
  'messaging.operation.name': 'send',
  'messaging.destination.name': topic,
});
const processed = {
  ...system,
  'messaging.operation.name': 'process',
  'messaging.destination.name': 'orders',
  'messaging.consumer.group.name': 'billing',
};

interface Entry {
  readonly topic: string;
  readonly messages: unknown;
}

const orders = (...messages: unknown[]): Entry => ({ topic: 'orders', messages });
const written = (topicName: string, partition = 0) => ({
  topicName,
  partition,
  errorCode: 0,
  baseOffset: '0',
});

/** Sends with an instrumented producer and returns the metrics. */
async function measuredSend(topicMessages: readonly Entry[], answer: () => Promise<unknown>, acks?: number) {
  const { runtime, read } = measuring.with(tracing.runtime());
  const producer: { sendBatch(request: object): Promise<unknown> } = { sendBatch: answer };
  instrumentProducer(runtime, producer, client);
  await Promise.allSettled([producer.sendBatch({ acks, topicMessages })]);
  return { sent: await read(SENT), durations: await read(DURATION) };
}
const succeeds = (result: unknown) => () => Promise.resolve(result);
// eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a partitioner may throw anything
const fails = (error: unknown) => () => Promise.reject(error);

describe('a send', () => {
  const three = orders({ value: 'a' }, { value: 'b', partition: 0 }, { value: 'c', partition: 99 });

  test('counts the messages that were written, but not those for a partition that does not exist', async () => {
    const { sent: points } = await measuredSend([three], succeeds([written('orders')]));
    expect(points).toMatchObject([{ value: 2, attributes: sent('orders') }]);
  });

  test.each<[string, Entry, unknown]>([
    ['that wrote nothing', orders({ value: 'a', partition: 99 }), []],
    ['without messages', orders(), []],
    ['whose messages are no array', { topic: 'orders', messages: 'text' }, []],
  ])('%s counts none', async (_what, entry, result) => {
    expect((await measuredSend([entry], succeeds(result))).sent).toEqual([]);
  });

  test('without acknowledgement counts all messages', async () => {
    const { sent: points } = await measuredSend([three], succeeds([]), 0);
    expect(points).toMatchObject([{ value: 3, attributes: sent('orders') }]);
  });

  test('to several topics counts for each, and has a duration for each', async () => {
    const entries = [
      orders({ value: 'a' }),
      { topic: 'bills', messages: [{ value: 'a' }, { value: 'b' }] },
      orders({ value: 'b' }),
    ];
    const { sent: points, durations } = await measuredSend(
      entries,
      succeeds([written('orders'), written('bills')]),
    );
    expect(points).toMatchObject([
      { value: 2, attributes: sent('orders') },
      { value: 2, attributes: sent('bills') },
    ]);
    expect(durations).toMatchObject(
      ['orders', 'bills'].map(topic => ({
        value: { count: 1 },
        attributes: { ...sent(topic), 'messaging.operation.type': 'send' },
      })),
    );
  });

  const kafkaJs = (name: string, more: object = {}) => Object.assign(new Error('no'), { name, ...more });
  test.each<[string, unknown, string]>([
    [
      'that is too large',
      kafkaJs('KafkaJSProtocolError', { type: 'MESSAGE_TOO_LARGE' }),
      'MESSAGE_TOO_LARGE',
    ],
    ['that finds no broker', kafkaJs('KafkaJSConnectionError', { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['without an answer', kafkaJs('KafkaJSRequestTimeoutError'), 'KafkaJSRequestTimeoutError'],
    [
      'whose retries are used up',
      kafkaJs('KafkaJSNumberOfRetriesExceeded', { cause: kafkaJs('KafkaJSConnectionClosedError') }),
      'KafkaJSNumberOfRetriesExceeded',
    ],
    [
      'that cannot be retried',
      kafkaJs('KafkaJSNonRetriableError', {
        cause: kafkaJs('KafkaJSProtocolError', { type: 'INVALID_RECORD' }),
      }),
      'INVALID_RECORD',
    ],
  ])('%s counts its messages as failed', async (_what, error, type) => {
    const { sent: points, durations } = await measuredSend([three], fails(error));
    expect(points).toMatchObject([{ value: 3, attributes: { ...sent('orders'), 'error.type': type } }]);
    expect(durations).toMatchObject([{ value: { count: 1 }, attributes: { 'error.type': type } }]);
  });

  test.each<[string, unknown]>([
    ['that is refused since the producer is disconnected', kafkaJs('KafkaJSError')],
    ['that is refused for bad arguments or an ended transaction', kafkaJs('KafkaJSNonRetriableError')],
    ['that is refused for a missing codec', kafkaJs('KafkaJSNotImplemented')],
    ['that is refused for a timestamp that is no number', kafkaJs('KafkaJSInvalidLongError')],
    ['that fails with a TypeError', new TypeError('no')],
    [
      'that is refused for a value of the wrong type',
      Object.assign(new TypeError('no'), { code: 'ERR_INVALID_ARG_TYPE' }),
    ],
    ['whose partitioner throws an error', new Error('no')],
    ['whose partitioner throws a string', 'no'],
  ])('%s was not attempted, and counts only as a failed call', async (_what, error) => {
    const { sent: points, durations } = await measuredSend([three], fails(error));
    expect(points).toEqual([]);
    expect(durations).toMatchObject([{ value: { count: 1 } }]);
  });
});

test('a commit is measured from its call, in one series per topic', async () => {
  const { runtime, read } = measuring.with(tracing.runtime());
  const request = (topics: readonly string[]) => ({
    isExplicit: true,
    partitions: () => topics.map(topic => ({ topic, partition: 0 })),
  });
  const now = jest.spyOn(Date, 'now').mockReturnValue(1_000_000);
  await traceCommit(runtime, client, request(['orders']), () => {
    now.mockReturnValue(1_002_000);
    return Promise.reject(new RangeError('no'));
  }).catch(() => undefined);
  now.mockRestore();
  await traceCommit(runtime, client, request(['orders', 'bills']), () =>
    Promise.reject(new RangeError('no')),
  ).catch(() => undefined);
  const commit = {
    ...system,
    'messaging.operation.name': 'commit',
    'messaging.operation.type': 'settle',
    'messaging.consumer.group.name': 'billing',
    'error.type': 'RangeError',
  };
  const points = await read(DURATION);
  expect(points.map(({ attributes }) => attributes)).toEqual([
    { ...commit, 'messaging.destination.name': 'orders' },
    commit,
  ]);
  const [first, second] = points.map(({ value }) => (value as { sum: number }).sum);
  expect(first).toBeGreaterThanOrEqual(2);
  expect(first).toBeLessThan(3);
  expect(second).toBeLessThan(1);
});

describe('a handler', () => {
  const start = (overrides: Parameters<typeof tracing.runtime>[1] = {}) => {
    const { runtime, metrics, read } = measuring.with(tracing.runtime());
    const consumer = new TracedConsumer({ ...runtime, ...overrides }, client, { paused: () => [] });
    return { consumer, metrics, read };
  };
  const message = (offset: number, age = 3000) => ({
    offset: String(offset),
    timestamp: age === Infinity ? '-1' : String(Date.now() - age),
  });
  const received = (offset: number, age?: number) => ({
    topic: 'orders',
    partition: 0,
    message: message(offset, age),
  });
  const batchOf = (...messages: readonly object[]): ReceivedBatch => ({
    topic: 'orders',
    partition: 0,
    messages,
    resolvesAll: true,
    batch: {},
  });
  const waited = ({ value }: { value: unknown }) => Math.round((value as { sum: number }).sum);

  test('counts its message at each start, so a redelivery counts again', async () => {
    const { consumer, read } = start();
    const delivery = received(7);
    const failing = consumer.processMessage(delivery, async () => {
      expect(await read(CONSUMED)).toMatchObject([{ value: 1, attributes: processed }]);
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow('no');
    consumer.processMessage(delivery, () => undefined);
    expect(await read(CONSUMED)).toMatchObject([{ value: 2, attributes: processed }]);
    expect(await read(PROCESS)).toMatchObject([
      { value: { count: 1 }, attributes: { ...processed, 'error.type': 'RangeError' } },
      { value: { count: 1 }, attributes: processed },
    ]);
  });

  test('of a batch counts every message, with one duration and the queue time of the oldest record', async () => {
    const { consumer, read } = start();
    consumer.processBatch(batchOf(message(7, 1000), message(8, 9000), message(9, Infinity)), () => undefined);
    expect(await read(CONSUMED)).toMatchObject([{ value: 3, attributes: processed }]);
    expect(await read(PROCESS)).toMatchObject([{ value: { count: 1 }, attributes: processed }]);
    const queued = await read(QUEUE_TIME);
    expect(queued).toMatchObject([{ value: { count: 1 }, attributes: processed }]);
    expect(queued.map(waited)).toEqual([9]);
  });

  test.each([{ isSdkRegistered: false }, { isEnabled: false }])(
    'moves the lag with %p, and counts nothing',
    async overrides => {
      const { consumer, read } = start(overrides);
      const lag = async () => (await read('kafka.consumer.records_lag')).map(({ value }) => value);
      consumer.events.joined({ orders: [0] });
      consumer.events.fetched('orders', 0, { highWatermark: 20, firstOffset: 7, lastOffset: 8, count: 2 });
      consumer.processMessage(received(7), () => undefined);
      expect(await lag()).toEqual([12]);
      consumer.processBatch(batchOf(message(7), message(8)), () => undefined);
      expect(await lag()).toEqual([11]);
      expect([await read(CONSUMED), await read(PROCESS), await read(QUEUE_TIME)]).toEqual([[], [], []]);
    },
  );

  test('of single messages that waited equally long records one queue time in 10 ms per topic, and that of every batch', async () => {
    const { consumer, read } = start();
    jest.useFakeTimers({ now: 1_000_000 });
    const counts = async () =>
      (await read(QUEUE_TIME)).map(({ value }) => (value as { count: number }).count);
    for (const offset of [7, 8, 9]) consumer.processMessage(received(offset, 10), () => undefined);
    expect(await counts()).toEqual([1]);
    consumer.processMessage({ ...received(7, 10), topic: 'bills' }, () => undefined);
    expect(await counts()).toEqual([1, 1]);
    consumer.processBatch(batchOf(message(7, 10)), () => undefined);
    expect(await counts()).toEqual([2, 1]);
    jest.setSystemTime(1_000_010);
    consumer.processMessage(received(8, 10), () => undefined);
    expect(await counts()).toEqual([3, 1]);
    // This message is from another partition, whose lag is larger.
    consumer.processMessage({ ...received(7, 3_600), partition: 1 }, () => undefined);
    consumer.processMessage(received(9, 10), () => undefined);
    expect(await counts()).toEqual([5, 1]);
    // The system clock was set back.
    jest.setSystemTime(500_000);
    consumer.processMessage(received(9, 10), () => undefined);
    expect(await counts()).toEqual([6, 1]);
    jest.useRealTimers();
  });

  test('without a record timestamp has no queue time, and one of 0 with a timestamp in the future', async () => {
    const { consumer, read } = start();
    consumer.processMessage(received(7, Infinity), () => undefined);
    expect(await read(QUEUE_TIME)).toEqual([]);
    consumer.processMessage(received(7, -60_000), () => undefined);
    expect(await read(QUEUE_TIME)).toMatchObject([{ value: { count: 1, sum: 0 } }]);
  });
});
