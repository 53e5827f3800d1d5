import { MeasuredSend, measureOperation } from '../../../src/telemetry/measure';
import { FollowedBatch, FollowedMessage, type Run } from '../../../src/telemetry/measured-run';
import { ConsumerHealth } from '../../../src/metrics/consumer-health';
import type { TopicMessages } from '../../../src/core/send';
import { client } from '../core/tracing';
import { useMeasuring } from './measuring';

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

const orders = (...messages: unknown[]): TopicMessages => ({ topic: 'orders', messages });
const written = (topicName: string, partition = 0) => ({
  topicName,
  partition,
  errorCode: 0,
  baseOffset: '0',
});

/** Measures a send of one topic, and gives what was counted. */
async function counted(
  entries: readonly TopicMessages[],
  settle: 'end' | 'fail',
  outcome: unknown,
  acks?: unknown,
) {
  const { metrics, read } = measuring.start();
  const destinations = [...new Set(entries.map(({ topic }) => topic))];
  new MeasuredSend(metrics, client, entries, { acks, destinations })[settle](outcome);
  return { sent: await read(SENT), durations: await read(DURATION) };
}

describe('a send', () => {
  const three = orders({ value: 'a' }, { value: 'b', partition: 0 }, { value: 'c', partition: 99 });

  test('counts the messages that were written, and none for a partition that does not exist', async () => {
    const { sent: points } = await counted([three], 'end', [written('orders')]);
    expect(points).toMatchObject([{ value: 2, attributes: sent('orders') }]);
  });

  test.each<[string, readonly TopicMessages[], unknown]>([
    ['of which nothing was written', [orders({ value: 'a', partition: 99 })], []],
    ['of no messages', [orders()], []],
    ['whose messages are no list', [{ topic: 'orders', messages: [], isMalformed: true }], []],
  ])('%s counts none', async (_what, entries, result) => {
    expect((await counted(entries, 'end', result)).sent).toEqual([]);
  });

  test('that nobody acknowledges counts what was handed over', async () => {
    const { sent: points } = await counted([three], 'end', [], 0);
    expect(points).toMatchObject([{ value: 3, attributes: sent('orders') }]);
  });

  test('to several topics counts for each, and has a duration for each', async () => {
    const entries = [orders({ value: 'a' }), { topic: 'bills', messages: [{}, {}] }, orders({ value: 'b' })];
    const { sent: points, durations } = await counted(entries, 'end', [written('orders'), written('bills')]);
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
    ['is too large', kafkaJs('KafkaJSProtocolError', { type: 'MESSAGE_TOO_LARGE' }), 'MESSAGE_TOO_LARGE'],
    ['finds no broker', kafkaJs('KafkaJSConnectionError', { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['is not answered', kafkaJs('KafkaJSRequestTimeoutError'), 'KafkaJSRequestTimeoutError'],
    [
      'is tried in vain',
      kafkaJs('KafkaJSNumberOfRetriesExceeded', { cause: kafkaJs('KafkaJSConnectionClosedError') }),
      'KafkaJSNumberOfRetriesExceeded',
    ],
    [
      'cannot be retried',
      kafkaJs('KafkaJSNonRetriableError', {
        cause: kafkaJs('KafkaJSProtocolError', { type: 'INVALID_RECORD' }),
      }),
      'INVALID_RECORD',
    ],
  ])('that %s counts, as failed', async (_what, error, type) => {
    const { sent: points, durations } = await counted([three], 'fail', error);
    expect(points).toMatchObject([{ value: 3, attributes: { ...sent('orders'), 'error.type': type } }]);
    expect(durations).toMatchObject([{ value: { count: 1 }, attributes: { 'error.type': type } }]);
  });

  test.each<[string, unknown]>([
    ['a producer that is disconnected', kafkaJs('KafkaJSError')],
    [
      'a producer that disconnects, bad arguments, or a transaction that is over',
      kafkaJs('KafkaJSNonRetriableError'),
    ],
    ['a codec that is missing', kafkaJs('KafkaJSNotImplemented')],
    ['a timestamp that is no number', kafkaJs('KafkaJSInvalidLongError')],
    ['no request at all', new TypeError('no')],
    ['a value of the wrong type', Object.assign(new TypeError('no'), { code: 'ERR_INVALID_ARG_TYPE' })],
    ['a partitioner that throws an error', new Error('no')],
    ['a partitioner that throws anything', 'no'],
  ])('that is refused for %s was never tried, and counts only as a failed call', async (_what, error) => {
    const { sent: points, durations } = await counted([three], 'fail', error);
    expect(points).toEqual([]);
    expect(durations).toMatchObject([{ value: { count: 1 } }]);
  });
});

test('a commit that began some time ago took that long, at least', async () => {
  const { metrics, read } = measuring.start();
  measureOperation(metrics, client, { operation: 'commit', topic: 'orders' }, 2000).end(undefined);
  measureOperation(metrics, client, { operation: 'commit', topic: undefined }, 0).fail(new RangeError('no'));
  const commit = {
    ...system,
    'messaging.operation.name': 'commit',
    'messaging.operation.type': 'settle',
    'messaging.consumer.group.name': 'billing',
  };
  const points = await read(DURATION);
  expect(points.map(({ attributes }) => attributes)).toEqual([
    { ...commit, 'messaging.destination.name': 'orders' },
    { ...commit, 'error.type': 'RangeError' },
  ]);
  const [first, second] = points.map(({ value }) => (value as { sum: number }).sum);
  expect(first).toBeGreaterThanOrEqual(2);
  expect(first).toBeLessThan(3);
  expect(second).toBeLessThan(1);
});

describe('a handler', () => {
  const start = () => {
    const { metrics, read } = measuring.start();
    const measure = (run: Run) => {
      run.measure(metrics, client);
      return run;
    };
    return { health: new ConsumerHealth(), measure, read };
  };
  const message = (offset: number, age = 3000) => ({
    offset: String(offset),
    timestamp: age === Infinity ? '-1' : String(Date.now() - age),
  });
  const waited = ({ value }: { value: unknown }) => Math.round((value as { sum: number }).sum);

  test('counts its message when it begins, and again when it is delivered again', async () => {
    const { health, measure, read } = start();
    const payload = { topic: 'orders', partition: 0, message: message(7) };
    const first = measure(new FollowedMessage(health, payload));
    expect(await read(CONSUMED)).toMatchObject([{ value: 1, attributes: processed }]);
    first.fail(new Error('no'));
    measure(new FollowedMessage(health, payload)).end();
    expect(await read(CONSUMED)).toMatchObject([{ value: 2, attributes: processed }]);
    expect(await read(PROCESS)).toMatchObject([
      { value: { count: 1 }, attributes: { ...processed, 'error.type': 'Error' } },
      { value: { count: 1 }, attributes: processed },
    ]);
  });

  test('of a batch counts every message, and is one duration and one queue time, of its oldest record', async () => {
    const { health, measure, read } = start();
    const messages = [message(7, 1000), message(8, 9000), message(9, Infinity)];
    measure(new FollowedBatch(health, { topic: 'orders', partition: 0, messages }, true)).end();
    expect(await read(CONSUMED)).toMatchObject([{ value: 3, attributes: processed }]);
    expect(await read(PROCESS)).toMatchObject([{ value: { count: 1 }, attributes: processed }]);
    const queued = await read(QUEUE_TIME);
    expect(queued).toMatchObject([{ value: { count: 1 }, attributes: processed }]);
    expect(queued.map(waited)).toEqual([9]);
  });

  test('that is only followed moves the lag, and counts nothing', async () => {
    const { health, read } = start();
    const { partitions } = health;
    const batch = { topic: 'orders', partition: 0, messages: [message(7), message(8)] };
    partitions.assign({ orders: [0] });
    partitions.fetched('orders', 0, { highWatermark: 20, firstOffset: 7, lastOffset: 8, size: 2 });
    new FollowedMessage(health, { ...batch, message: message(7) }).end();
    expect(partitions.read(0)).toMatchObject([{ recordsLag: 12 }]);
    new FollowedBatch(health, batch, true).end();
    expect(partitions.read(0)).toMatchObject([{ recordsLag: 11 }]);
    expect([await read(CONSUMED), await read(PROCESS), await read(QUEUE_TIME)]).toEqual([[], [], []]);
  });

  test('whose record has no timestamp has no queue time, and one of the future none below zero', async () => {
    const { health, measure, read } = start();
    const handle = (age: number) => {
      measure(new FollowedMessage(health, { topic: 'orders', partition: 0, message: message(7, age) })).end();
    };
    handle(Infinity);
    expect(await read(QUEUE_TIME)).toEqual([]);
    handle(-60_000);
    expect(await read(QUEUE_TIME)).toMatchObject([{ value: { count: 1, sum: 0 } }]);
  });
});
