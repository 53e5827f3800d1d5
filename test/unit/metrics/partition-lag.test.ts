import { PartitionLags, oldestTimestamp, type Fetch } from '../../../src/metrics/partition-lag';
import { client } from '../core/tracing';

const reader = client.messages;

const HOUR = 3_600_000;
const NOW = 10 * HOUR;

const batch = (overrides: Partial<Fetch> = {}): Fetch => ({
  highWatermark: 10,
  firstOffset: 0,
  lastOffset: 4,
  count: 5,
  ...overrides,
});
const record = (offset: number, age: number) => ({ offset: String(offset), timestamp: String(NOW - age) });

let partitions: PartitionLags;

beforeEach(() => {
  partitions = new PartitionLags(reader);
  partitions.assign({ orders: [0] });
});

/** Returns the state of partition 0: lag in records and in seconds, and whether the partition is lost. */
const shown = () => {
  const [reading] = partitions.read(NOW);
  return reading && [reading.recordsLag, reading.timeLag, reading.isLost];
};

test('a partition shows nothing before its first fetch', () => {
  expect(shown()).toEqual([undefined, undefined, false]);
});

test('lag is the last high watermark minus the next offset to process, and never negative', () => {
  partitions.fetched('orders', 0, batch());
  expect(shown()).toEqual([10, undefined, false]);
  partitions.processed('orders', 0, { count: 1, offset: 0, timestamp: NOW - 5000 });
  expect(shown()).toEqual([9, 5, false]);
  partitions.processed('orders', 0, { count: 1, offset: 20, timestamp: NOW - 5000 });
  expect(shown()).toEqual([0, 0, false]);
});

test('a record that is being handled gives the time lag, also while it waits for redelivery', () => {
  partitions.fetched('orders', 0, batch());
  partitions.processed('orders', 0, { count: 1, offset: 0, timestamp: NOW - HOUR });
  partitions.began('orders', 0, [record(1, 2000)]);
  expect(shown()).toEqual([9, 2, false]);
  partitions.ended('orders', 0);
  expect(shown()).toEqual([9, 2, false]);
});

test('the oldest unresolved record of a batch in its handler gives the time lag', () => {
  partitions.fetched('orders', 0, batch());
  partitions.began('orders', 0, [record(0, 9000), record(1, 3000), record(2, 4000)]);
  expect(shown()).toEqual([10, 9, false]);
  partitions.processed('orders', 0, { count: 0, offset: 0, timestamp: undefined });
  expect(shown()).toEqual([9, 4, false]);
});

test('a timestamp in the future makes a time lag of 0, and an unknown one none', () => {
  partitions.fetched('orders', 0, batch());
  partitions.began('orders', 0, [record(0, -9000)]);
  expect(shown()).toEqual([10, 0, false]);
  partitions.began('orders', 0, [{ offset: '0', timestamp: '-1' }]);
  expect(shown()).toEqual([10, undefined, false]);
});

test('a new batch forgets the age of the record before it', () => {
  partitions.fetched('orders', 0, batch({ highWatermark: 5 }));
  partitions.processed('orders', 0, { count: 5, offset: 4, timestamp: NOW - HOUR });
  partitions.fetched('orders', 0, batch({ highWatermark: 9, firstOffset: 5, lastOffset: 6, count: 2 }));
  expect(shown()).toEqual([4, undefined, false]);
});

test('control records at the end of a batch count as processed with it, but not if the batch was left early', () => {
  partitions.fetched('orders', 0, batch({ highWatermark: 5, count: 2 }));
  partitions.processed('orders', 0, { count: 1, offset: 0, timestamp: undefined });
  partitions.completed('orders', 0, 4);
  expect(shown()).toEqual([4, undefined, false]);
  partitions.processed('orders', 0, { count: 1, offset: 1, timestamp: undefined });
  partitions.completed('orders', 0, 4);
  expect(shown()).toEqual([0, 0, false]);
});

test('a batch without messages for the handler counts as processed when it is fetched', () => {
  partitions.fetched('orders', 0, batch({ highWatermark: 5, count: 0 }));
  expect(shown()).toEqual([0, 0, false]);
});

test('after a seek the rest of the batch does not move the position', () => {
  partitions.fetched('orders', 0, batch());
  partitions.sought('orders', 0, 2);
  partitions.processed('orders', 0, { count: 5, offset: 4, timestamp: undefined });
  partitions.completed('orders', 0, 4);
  expect(shown()).toEqual([8, undefined, false]);
});

test.each([-1, -2])('after a seek to %p there is no lag until the next fetch', offset => {
  partitions.sought('orders', 0, offset);
  expect(shown()).toEqual([undefined, undefined, false]);
  partitions.fetched('orders', 0, batch());
  partitions.sought('orders', 0, offset);
  partitions.processed('orders', 0, { count: 1, offset: 0, timestamp: undefined });
  expect(shown()).toEqual([0, 0, false]);
  partitions.fetched('orders', 0, batch());
  expect(shown()).toEqual([10, undefined, false]);
});

test('offsets that are not numbers keep the last known values', () => {
  partitions.fetched('orders', 0, batch());
  partitions.fetched('orders', 0, batch({ highWatermark: NaN, firstOffset: NaN }));
  partitions.processed('orders', 0, { count: 1, offset: NaN, timestamp: undefined });
  expect(shown()?.[0]).toBe(10);
});

test('a lost partition reads 0 once, even if the client still reports about it', () => {
  partitions.fetched('orders', 0, batch());
  partitions.assign({});
  expect(partitions.assigned).toBe(0);
  partitions.fetched('orders', 0, batch());
  expect(shown()).toEqual([0, 0, true]);
  partitions.fetched('orders', 0, batch());
  expect(partitions.read(NOW)).toEqual([]);
});

test('a partition that was lost and regained between two collections reads 0', () => {
  partitions.fetched('orders', 0, batch());
  partitions.assign({});
  partitions.assign({ orders: [0] });
  expect(shown()).toEqual([0, 0, false]);
});

test('an assignment that keeps a partition keeps its lag', () => {
  partitions.fetched('orders', 0, batch());
  partitions.assign({ orders: [0, 1], bills: [3] });
  expect(partitions.assigned).toBe(3);
  expect(shown()).toEqual([10, undefined, false]);
});

test('a processed record without timestamp keeps the age of the one before it', () => {
  partitions.fetched('orders', 0, batch());
  partitions.processed('orders', 0, { count: 1, offset: 0, timestamp: NOW - 5000 });
  partitions.processed('orders', 0, { count: 1, offset: 1, timestamp: undefined });
  expect(shown()).toEqual([8, 5, false]);
});

describe('a regained partition', () => {
  let paused: { topic: string; partitions: number[] }[];

  beforeEach(() => {
    paused = [];
    partitions = new PartitionLags(reader, () => paused);
    partitions.assign({ orders: [0] });
    partitions.fetched('orders', 0, batch());
  });

  const regain = () => {
    partitions.assign({});
    partitions.read(NOW);
    partitions.assign({ orders: [0] });
  };

  test('reads 0 until its next fetch', () => {
    regain();
    expect(shown()).toEqual([0, 0, false]);
    partitions.fetched('orders', 0, batch());
    expect(shown()).toEqual([10, undefined, false]);
  });

  test('keeps its lag while it is paused, since no fetch would correct it', () => {
    paused = [{ topic: 'orders', partitions: [0] }];
    regain();
    expect(shown()).toEqual([10, undefined, false]);
  });

  test('starts without lag after the consumer has left its group', () => {
    partitions.leave();
    expect(shown()).toEqual([0, 0, true]);
    partitions.assign({ orders: [0] });
    expect(shown()).toEqual([undefined, undefined, false]);
  });
});

test('timestamps are compared as numbers, and unknown ones are skipped', () => {
  const stamped = ['-1', '1000', '999', 'soon', '1001', undefined, null].map(timestamp => ({ timestamp }));
  expect(oldestTimestamp(reader, stamped)).toBe(999);
  expect(oldestTimestamp(reader, [{ timestamp: '0' }, { timestamp: '1' }])).toBe(0);
  expect(oldestTimestamp(reader, [{ timestamp: '-1' }, {}, undefined])).toBeUndefined();
  expect(oldestTimestamp(reader, [])).toBeUndefined();
});

test('the high watermark can become known without a fetch', () => {
  partitions.reachedWatermark('orders', 0, 30);
  expect(shown()).toEqual([undefined, undefined, false]);
  partitions.fetched('orders', 0, batch({ highWatermark: NaN }));
  expect(shown()).toEqual([30, undefined, false]);
  partitions.reachedWatermark('orders', 0, 40);
  partitions.reachedWatermark('orders', 0, NaN);
  expect(shown()).toEqual([40, undefined, false]);
});

test('a batch that is resolved after its handler has returned no longer waits', () => {
  partitions.fetched('orders', 0, batch());
  partitions.began('orders', 0, [record(4, HOUR)]);
  partitions.ended('orders', 0);
  expect(shown()).toEqual([10, 3600, false]);
  partitions.processed('orders', 0, { count: 5, offset: 4, timestamp: NOW - 2000 });
  expect(shown()).toEqual([5, 2, false]);
});
