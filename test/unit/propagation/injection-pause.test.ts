import { KafkaJSProtocolError } from 'kafkajs';
import { instrumentProducer } from '../../../src/clients/kafkajs/producer';
import { InjectionPauses } from '../../../src/propagation/injection-pause';
import { client, useTracing } from '../core/tracing';

const tracing = useTracing();

const MINUTE = 60_000;
const FORMAT = ['UNKNOWN', 'UNSUPPORTED_FOR_MESSAGE_FORMAT'];

/** Returns the topics in a warning. */
const namedIn = (warning: string | undefined) =>
  [...(warning ?? '').matchAll(/"([^"]+)"/g)].map(([, name]) => name).filter(name => name !== 'extract');

/** Creates pauses with a clock that only the test changes. */
function pausesAt(start = 1_000_000) {
  const clock = { now: start };
  const pauses = new InjectionPauses(() => clock.now);
  return {
    clock,
    pauses,
    /** Returns the topics that the warning names. */
    fail: (type: string, topics: readonly string[], size = 1000) =>
      namedIn(pauses.onFailure(type, topics, () => size)),
    allows: (topic: string, size = 1) => pauses.allows(topic, () => size),
  };
}

test.each(FORMAT)('after %s nothing is injected for the topic, whatever the size', type => {
  const { fail, allows } = pausesAt();
  expect(fail(type, ['orders'])).toEqual(['orders']);
  expect([allows('orders', 0), allows('orders'), allows('bills')]).toEqual([false, false, true]);
});

test('after MESSAGE_TOO_LARGE nothing is injected if that makes a call larger than the failed one was', () => {
  const { fail, allows } = pausesAt();
  expect(fail('MESSAGE_TOO_LARGE', ['orders'], 1000)).toEqual(['orders']);
  expect([allows('orders', 1000), allows('orders', 1001), allows('bills', 1001)]).toEqual([
    true,
    false,
    true,
  ]);
});

test('the smallest failed call counts, and a smaller one makes a new warning', () => {
  const { clock, fail, allows } = pausesAt();
  fail('MESSAGE_TOO_LARGE', ['orders'], 1000);
  clock.now += 9 * MINUTE;
  expect(fail('MESSAGE_TOO_LARGE', ['orders'], 500)).toEqual(['orders']);
  expect(fail('MESSAGE_TOO_LARGE', ['orders'], 500)).toEqual([]);
  expect(fail('MESSAGE_TOO_LARGE', ['orders'], 1000)).toEqual([]);
  clock.now += 9 * MINUTE;
  expect([allows('orders', 500), allows('orders', 501)]).toEqual([true, false]);
  expect(fail('UNKNOWN', ['orders'])).toEqual(['orders']);
  expect(allows('orders')).toBe(false);
  expect(fail('MESSAGE_TOO_LARGE', ['orders'], 100)).toEqual([]);
  expect(allows('orders')).toBe(false);
});

test.each(['NOT_LEADER_FOR_PARTITION', 'KafkaJSConnectionError', 'ECONNREFUSED', '_OTHER'])(
  'after %s, which no header causes, injection continues',
  type => {
    const { pauses, fail, allows } = pausesAt();
    expect(fail(type, ['orders'])).toEqual([]);
    expect([pauses.byTopic.size, allows('orders')]).toEqual([0, true]);
  },
);

test('a pause lasts ten minutes, and a later failure starts a new one', () => {
  const { clock, pauses, fail, allows } = pausesAt();
  fail('UNKNOWN', ['orders']);
  clock.now += 10 * MINUTE - 1;
  expect(allows('orders')).toBe(false);
  clock.now += 1;
  expect([allows('orders'), pauses.byTopic.size]).toEqual([true, 0]);
  expect(fail('UNKNOWN', ['orders'])).toEqual(['orders']);
  clock.now += 9 * MINUTE;
  expect(allows('orders')).toBe(false);
});

test('a warning names only topics that were not paused yet', () => {
  const { clock, fail, allows } = pausesAt();
  fail('UNKNOWN', ['orders']);
  clock.now += MINUTE;
  expect(fail('UNKNOWN', ['orders', 'bills'])).toEqual(['bills']);
  // During the pause, no headers are added. So added headers cannot cause a failure, and the pause gets no longer.
  clock.now += 9 * MINUTE;
  expect([allows('orders'), allows('bills')]).toEqual([true, false]);
});

test.each(['UNKNOWN', 'MESSAGE_TOO_LARGE'])('a topic that a call names twice is paused once, by %s', type => {
  expect(pausesAt().fail(type, ['orders', 'orders'])).toEqual(['orders']);
});

test('at most 1,000 topics are remembered, and the oldest pause ends first', () => {
  const { clock, fail, allows } = pausesAt();
  const topics = Array.from({ length: 1500 }, (_, index) => `topic-${index}`);
  for (const topic of topics) {
    fail('UNKNOWN', [topic]);
    clock.now += 1;
  }
  expect(topics.filter(topic => !allows(topic))).toEqual(topics.slice(500));
});

test('a single call with more topics keeps that limit', () => {
  const { fail, allows } = pausesAt();
  const topics = Array.from({ length: 1500 }, (_, index) => `topic-${index}`);
  fail('UNKNOWN', topics);
  expect(topics.filter(topic => !allows(topic))).toHaveLength(1000);
});

test('a size is computed only if it matters', () => {
  const { pauses, fail } = pausesAt();
  const size = jest.fn(() => 1);
  pauses.onFailure('MESSAGE_TOO_LARGE', [], size);
  pauses.onFailure('ECONNREFUSED', ['orders'], size);
  pauses.onFailure('UNKNOWN', ['orders'], size);
  fail('MESSAGE_TOO_LARGE', ['large']);
  pauses.allows('orders', size);
  pauses.allows('bills', size);
  expect(size).not.toHaveBeenCalled();
  pauses.allows('large', size);
  expect(size).toHaveBeenCalledTimes(1);
});

test('the default clock is the system time', () => {
  const pauses = new InjectionPauses();
  pauses.onFailure('UNKNOWN', ['orders'], () => 1);
  expect(pauses.allows('orders', () => 1)).toBe(false);
});

test('a warning names the error, at most five topics, and the option that switches injection off', () => {
  const topics = Array.from({ length: 7 }, (_, index) => `topic-${index}`);
  const warning = new InjectionPauses().onFailure('MESSAGE_TOO_LARGE', topics, () => 1);
  expect(warning).toContain('"topic-3", "topic-4" and 2 more failed with MESSAGE_TOO_LARGE');
  expect(warning).not.toContain('topic-5');
  expect(warning).toContain('propagation to "extract"');
});

describe('the size of a call counts', () => {
  const LIMIT = 1000;
  /** Size of the added header in bytes: name, value, and four more bytes. */
  const ADDED = 11 + 55 + 4;

  /** A send of one message with 1,000 bytes was too large. Returns whether these messages still get headers. */
  async function getHeaders(...messages: readonly object[]): Promise<boolean> {
    const error = Object.assign(new Error('m'), { type: 'MESSAGE_TOO_LARGE', code: 10 });
    const answer = jest.fn().mockRejectedValueOnce(new KafkaJSProtocolError(error)).mockResolvedValue([]);
    const producer = { send: (request: unknown): Promise<unknown> => answer(request) as Promise<unknown> };
    instrumentProducer(tracing.runtime(), producer, client);
    const large = { topic: 'orders', messages: [{ value: 'x'.repeat(LIMIT) }] };
    await Promise.allSettled([producer.send(large)]);
    await producer.send({ topic: 'orders', messages });
    const [sent] = answer.mock.lastCall as [{ messages: { headers?: object }[] }];
    return sent.messages.some(({ headers }) => 'traceparent' in (headers ?? {}));
  }

  test.each<[string, object, number]>([
    ['the bytes of a value', {}, 0],
    ['the UTF-8 bytes of a text', { key: 'я' }, 2],
    ['the bytes of a Buffer', { key: Buffer.alloc(7) }, 7],
    ['no null', { key: null }, 0],
    [
      'each value of a header that repeats',
      { headers: { a: ['1', Buffer.from('22')], b: '3' } },
      7 + 3 * 4,
    ],
    ['the headers of a class', { headers: new (class { a = '1'; })() }, 2 + 4],
    ['no inherited headers', Object.create({ headers: { a: '1' } }) as object, 0],
  ])('%s', async (_what, fields, bytes) => {
    const messageOf = (length: number) =>
      Object.assign(Object.create(Object.getPrototypeOf(fields) as object) as object, fields, {
        value: 'x'.repeat(length),
      });
    const fitting = LIMIT - ADDED - bytes;
    expect([await getHeaders(messageOf(fitting)), await getHeaders(messageOf(fitting + 1))]).toEqual([
      true,
      false,
    ]);
  }); // prettier-ignore

  test('every message, however small', async () => {
    const small = Array.from({ length: 20 }, () => ({ value: null }));
    // Without added headers, a message has 16 bytes.
    const fitting = Math.floor((LIMIT + 16) / (16 + ADDED));
    expect(await getHeaders(...small.slice(0, fitting))).toBe(true);
    expect(await getHeaders(...small.slice(0, fitting + 1))).toBe(false);
  });
});
