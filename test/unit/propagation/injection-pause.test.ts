import { InjectionPauses, sizeOf } from '../../../src/propagation/injection-pause';

const MINUTE = 60_000;
const FORMAT = ['UNKNOWN', 'UNSUPPORTED_FOR_MESSAGE_FORMAT'];

/** Pauses under a clock that stands still until it is moved. */
function pausesAt(start = 1_000_000) {
  const clock = { now: start };
  const pauses = new InjectionPauses(() => clock.now);
  return {
    clock,
    pauses,
    fail: (type: string, topics: readonly string[], size = 1000) => pauses.consider(type, topics, () => size),
    allows: (topic: string, size = 1) => pauses.allows(topic, () => size),
  };
}

test.each(FORMAT)('after %s nothing is injected for the topic, whatever the size', type => {
  const { fail, allows } = pausesAt();
  expect(fail(type, ['orders'])).toEqual(['orders']);
  expect([allows('orders', 0), allows('orders'), allows('bills')]).toEqual([false, false, true]);
});

test('after MESSAGE_TOO_LARGE nothing is injected where that makes a call larger than the failed one was', () => {
  const { fail, allows } = pausesAt();
  expect(fail('MESSAGE_TOO_LARGE', ['orders'], 1000)).toEqual(['orders']);
  expect([allows('orders', 1000), allows('orders', 1001), allows('bills', 1001)]).toEqual([
    true,
    false,
    true,
  ]);
});

test('the smallest failed call counts, and a change of it is given as news', () => {
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
  'after %s, which no header causes, it goes on',
  type => {
    const { pauses, fail, allows } = pausesAt();
    expect(fail(type, ['orders'])).toEqual([]);
    expect([pauses.isEmpty, allows('orders')]).toEqual([true, true]);
  },
);

test('a pause lasts ten minutes, and a later failure begins a new one', () => {
  const { clock, pauses, fail, allows } = pausesAt();
  fail('UNKNOWN', ['orders']);
  clock.now += 10 * MINUTE - 1;
  expect(allows('orders')).toBe(false);
  clock.now += 1;
  expect([allows('orders'), pauses.isEmpty]).toEqual([true, true]);
  expect(fail('UNKNOWN', ['orders'])).toEqual(['orders']);
  clock.now += 9 * MINUTE;
  expect(allows('orders')).toBe(false);
});

test('only topics that were not paused yet are given, so that each pause is told once', () => {
  const { clock, fail, allows } = pausesAt();
  fail('UNKNOWN', ['orders']);
  clock.now += MINUTE;
  expect(fail('UNKNOWN', ['orders', 'bills'])).toEqual(['bills']);
  // A failure during the pause cannot be our doing, so it does not make it longer.
  clock.now += 9 * MINUTE;
  expect([allows('orders'), allows('bills')]).toEqual([true, false]);
});

test.each(['UNKNOWN', 'MESSAGE_TOO_LARGE'])('a topic that a call names twice is paused once, by %s', type => {
  expect(pausesAt().fail(type, ['orders', 'orders'])).toEqual(['orders']);
});

test('at most a thousand topics are remembered, and the oldest pause gives way', () => {
  const { clock, fail, allows } = pausesAt();
  const topics = Array.from({ length: 1500 }, (_, index) => `topic-${index}`);
  for (const topic of topics) {
    fail('UNKNOWN', [topic]);
    clock.now += 1;
  }
  expect(topics.filter(topic => !allows(topic))).toEqual(topics.slice(500));
});

test('a single call with more topics than that does not break the bound', () => {
  const { fail, allows } = pausesAt();
  const topics = Array.from({ length: 1500 }, (_, index) => `topic-${index}`);
  fail('UNKNOWN', topics);
  expect(topics.filter(topic => !allows(topic))).toHaveLength(1000);
});

test('a size is asked for only where it matters', () => {
  const { pauses, fail } = pausesAt();
  const size = jest.fn(() => 1);
  pauses.consider('MESSAGE_TOO_LARGE', [], size);
  pauses.consider('ECONNREFUSED', ['orders'], size);
  pauses.consider('UNKNOWN', ['orders'], size);
  fail('MESSAGE_TOO_LARGE', ['large']);
  pauses.allows('orders', size);
  pauses.allows('bills', size);
  expect(size).not.toHaveBeenCalled();
  pauses.allows('large', size);
  expect(size).toHaveBeenCalledTimes(1);
});

test('without a clock the time of day counts', () => {
  const pauses = new InjectionPauses();
  pauses.consider('UNKNOWN', ['orders'], () => 1);
  expect(pauses.allows('orders', () => 1)).toBe(false);
});

describe('the size of messages', () => {
  const empty = sizeOf([{ value: null }]);
  const header = sizeOf([{ value: null, headers: { '': '' } }]) - empty;

  test.each<[string, object, number]>([
    ['the bytes of a text', { value: 'я' }, 2],
    ['bytes', { value: Buffer.alloc(7) }, 7],
    ['a key', { key: 'key', value: null }, 3],
    [
      'headers, each time that one of them repeats',
      { value: null, headers: { a: ['1', Buffer.from('22')], b: '3' } },
      7 + 3 * header,
    ],
    [
      'headers of a class',
      {
        value: null,
        headers: new (class {
          a = '1';
        })(),
      },
      2 + header,
    ],
    ['no headers that are inherited', Object.create({ headers: { a: '1' }, value: null }) as object, 0],
  ])('counts %s', (_what, message, expected) => {
    expect(sizeOf([message]) - empty).toBe(expected);
  });

  test('is more for every message, however small', () => {
    expect(sizeOf([])).toBe(0);
    expect(sizeOf([{ value: null }, { value: null }])).toBe(2 * empty);
    expect(Math.min(empty, header)).toBeGreaterThan(0);
  });
});
