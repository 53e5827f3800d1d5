import { InjectionPauses } from '../../../src/propagation/injection-pause';

const MINUTE = 60_000;

/** Pauses under a clock that stands still until it is moved. */
function pausesAt(start = 1_000_000) {
  const clock = { now: start };
  return { clock, pauses: new InjectionPauses(() => clock.now) };
}

test.each(['MESSAGE_TOO_LARGE', 'UNKNOWN', 'UNSUPPORTED_FOR_MESSAGE_FORMAT'])(
  'after %s, which a header can cause, nothing is injected for the topic',
  type => {
    const { pauses } = pausesAt();
    expect(pauses.consider(type, ['orders'])).toEqual(['orders']);
    expect([pauses.has('orders'), pauses.has('bills')]).toEqual([true, false]);
  },
);

test.each(['NOT_LEADER_FOR_PARTITION', 'KafkaJSConnectionError', 'ECONNREFUSED', '_OTHER'])(
  'after %s, which no header causes, it goes on',
  type => {
    const { pauses } = pausesAt();
    expect(pauses.consider(type, ['orders'])).toEqual([]);
    expect(pauses.has('orders')).toBe(false);
  },
);

test('a pause lasts ten minutes, and a later failure begins a new one', () => {
  const { clock, pauses } = pausesAt();
  pauses.consider('UNKNOWN', ['orders']);
  clock.now += 10 * MINUTE - 1;
  expect(pauses.has('orders')).toBe(true);
  clock.now += 1;
  expect(pauses.has('orders')).toBe(false);
  expect(pauses.consider('UNKNOWN', ['orders'])).toEqual(['orders']);
  clock.now += 9 * MINUTE;
  expect(pauses.has('orders')).toBe(true);
});

test('only topics that were not paused yet are given, so that each pause is told once', () => {
  const { clock, pauses } = pausesAt();
  pauses.consider('UNKNOWN', ['orders']);
  clock.now += MINUTE;
  expect(pauses.consider('UNKNOWN', ['orders', 'bills'])).toEqual(['bills']);
  // A failure during the pause cannot be our doing, so it does not make it longer.
  clock.now += 9 * MINUTE;
  expect([pauses.has('orders'), pauses.has('bills')]).toEqual([false, true]);
});

test('a topic that a call names twice is paused once', () => {
  const { pauses } = pausesAt();
  expect(pauses.consider('UNKNOWN', ['orders', 'orders'])).toEqual(['orders']);
});

test('at most a thousand topics are remembered, and the oldest pause gives way', () => {
  const { clock, pauses } = pausesAt();
  const topics = Array.from({ length: 1500 }, (_, index) => `topic-${index}`);
  for (const topic of topics) {
    pauses.consider('UNKNOWN', [topic]);
    clock.now += 1;
  }
  expect(topics.filter(topic => pauses.has(topic))).toEqual(topics.slice(500));
});

test('a single call with more topics than that does not break the bound', () => {
  const { pauses } = pausesAt();
  const topics = Array.from({ length: 1500 }, (_, index) => `topic-${index}`);
  pauses.consider('UNKNOWN', topics);
  expect(topics.filter(topic => pauses.has(topic))).toHaveLength(1000);
});

test('without a clock the time of day counts', () => {
  const pauses = new InjectionPauses();
  pauses.consider('UNKNOWN', ['orders']);
  expect(pauses.has('orders')).toBe(true);
});
