import { Partitions, type Fetched } from '../../../src/metrics/partition-lag';

const HOUR = 3_600_000;
const NOW = 10 * HOUR;

const batch = (overrides: Partial<Fetched> = {}): Fetched => ({
  highWatermark: 10,
  firstOffset: 0,
  lastOffset: 4,
  size: 5,
  ...overrides,
});
const record = (offset: number, age: number) => ({ offset: String(offset), timestamp: String(NOW - age) });

let partitions: Partitions;

beforeEach(() => {
  partitions = new Partitions();
  partitions.assign({ orders: [0] });
});

/** What partition 0 shows: records, seconds, and whether it is lost. */
const shown = () => {
  const [reading] = partitions.read(NOW);
  return reading && [reading.recordsLag, reading.timeLag, reading.lost];
};

test('a partition shows nothing before its first fetch', () => {
  expect(shown()).toEqual([undefined, undefined, false]);
});

test('lag is what the last fetch saw without what is processed, and never negative', () => {
  partitions.fetched('orders', 0, batch());
  expect(shown()).toEqual([10, undefined, false]);
  partitions.processed('orders', 0, 1, 0, NOW - 5000);
  expect(shown()).toEqual([9, 5, false]);
  partitions.processed('orders', 0, 1, 20, NOW - 5000);
  expect(shown()).toEqual([0, 0, false]);
});

test('a record that is being handled has its own age, and keeps it while it waits for its redelivery', () => {
  partitions.fetched('orders', 0, batch());
  partitions.processed('orders', 0, 1, 0, NOW - HOUR);
  partitions.began('orders', 0, [record(1, 2000)]);
  expect(shown()).toEqual([9, 2, false]);
  partitions.ended('orders', 0);
  expect(shown()).toEqual([9, 2, false]);
});

test('of a batch in flight the oldest record that is not resolved yet counts', () => {
  partitions.fetched('orders', 0, batch());
  partitions.began('orders', 0, [record(0, 9000), record(1, 3000), record(2, 4000)]);
  expect(shown()).toEqual([10, 9, false]);
  partitions.processed('orders', 0, 0, 0, undefined);
  expect(shown()).toEqual([9, 4, false]);
});

test('timestamps in the future and unknown ones make no lag of time', () => {
  partitions.fetched('orders', 0, batch());
  partitions.began('orders', 0, [record(0, -9000)]);
  expect(shown()).toEqual([10, 0, false]);
  partitions.began('orders', 0, [{ offset: '0', timestamp: '-1' }]);
  expect(shown()).toEqual([10, undefined, false]);
});

test('a new batch forgets the record before it, which may be an hour old', () => {
  partitions.fetched('orders', 0, batch({ highWatermark: 5 }));
  partitions.processed('orders', 0, 5, 4, NOW - HOUR);
  partitions.fetched('orders', 0, batch({ highWatermark: 9, firstOffset: 5, lastOffset: 6, size: 2 }));
  expect(shown()).toEqual([4, undefined, false]);
});

test('markers at the end of a batch are processed with it, but not if it was left early', () => {
  partitions.fetched('orders', 0, batch({ highWatermark: 5, size: 2 }));
  partitions.processed('orders', 0, 1, 0, undefined);
  partitions.completed('orders', 0, 4);
  expect(shown()).toEqual([4, undefined, false]);
  partitions.processed('orders', 0, 1, 1, undefined);
  partitions.completed('orders', 0, 4);
  expect(shown()).toEqual([0, 0, false]);
});

test('a batch of markers and aborted records alone is processed as it comes', () => {
  partitions.fetched('orders', 0, batch({ highWatermark: 5, size: 0 }));
  expect(shown()).toEqual([0, 0, false]);
});

test('after a seek the rest of the batch moves nothing', () => {
  partitions.fetched('orders', 0, batch());
  partitions.sought('orders', 0, 2);
  partitions.processed('orders', 0, 5, 4, undefined);
  partitions.completed('orders', 0, 4);
  expect(shown()).toEqual([8, undefined, false]);
});

test.each([-1, -2])('after a seek to %p no lag is left until a fetch tells of some', offset => {
  partitions.sought('orders', 0, offset);
  expect(shown()).toEqual([undefined, undefined, false]);
  partitions.fetched('orders', 0, batch());
  partitions.sought('orders', 0, offset);
  partitions.processed('orders', 0, 1, 0, undefined);
  expect(shown()).toEqual([0, 0, false]);
  partitions.fetched('orders', 0, batch());
  expect(shown()).toEqual([10, undefined, false]);
});

test('offsets that are not numbers leave what is known', () => {
  partitions.fetched('orders', 0, batch());
  partitions.fetched('orders', 0, batch({ highWatermark: NaN, firstOffset: NaN }));
  partitions.processed('orders', 0, 1, NaN, undefined);
  expect(shown()?.[0]).toBe(10);
});

test('a lost partition reads 0 once, then no more, whatever kafkajs still tells of it', () => {
  partitions.fetched('orders', 0, batch());
  partitions.assign({});
  expect(partitions.assigned).toBe(0);
  partitions.fetched('orders', 0, batch());
  expect(shown()).toEqual([0, 0, true]);
  partitions.fetched('orders', 0, batch());
  expect(partitions.read(NOW)).toEqual([]);
});

test('a partition that was lost and regained between two collections reads 0, not what it was before', () => {
  partitions.fetched('orders', 0, batch());
  partitions.assign({});
  partitions.assign({ orders: [0] });
  expect(shown()).toEqual([0, 0, false]);
});

test('an assignment that keeps a partition keeps what is known of it', () => {
  partitions.fetched('orders', 0, batch());
  partitions.assign({ orders: [0, 1], bills: [3] });
  expect(partitions.assigned).toBe(3);
  expect(shown()).toEqual([10, undefined, false]);
});

test.each(['-1', undefined, NaN])(
  'a processed record of unknown age (%p) leaves the age of the one before it',
  timestamp => {
    partitions.fetched('orders', 0, batch());
    partitions.processed('orders', 0, 1, 0, String(NOW - 5000));
    partitions.processed('orders', 0, 1, 1, timestamp);
    expect(shown()).toEqual([8, 5, false]);
  },
);
