import type { ConsumerReading } from '../../../src/metrics/consumer-health';
import { observeConsumers, type GroupFacts } from '../../../src/metrics/gauges';
import type { Instruments } from '../../../src/metrics/instruments';
import type { PartitionReading } from '../../../src/metrics/partition-lag';

const instruments = {
  recordsLag: 'records',
  timeLag: 'time',
  assignedPartitions: 'assigned',
  heartbeatAge: 'heartbeat',
} as unknown as Instruments;

const group: GroupFacts = { group: 'billing', clusterId: 'c' };

const partition = (overrides: Partial<PartitionReading> = {}): PartitionReading => ({
  topic: 'orders',
  partition: 0,
  recordsLag: 5,
  timeLag: 2,
  isLost: false,
  ...overrides,
});
const consumer = (overrides: Partial<ConsumerReading> = {}): ConsumerReading => ({
  partitions: [],
  assigned: 1,
  heartbeatAge: 1,
  isMember: true,
  ...overrides,
});

/** Returns the observed values by instrument and attributes. With `rest`, all topics have that name. */
function observed(readings: readonly (readonly [GroupFacts, ConsumerReading])[], rest?: string) {
  const values: Record<string, number> = {};
  const observe = (instrument: unknown, value: number, attributes: Record<string, unknown>) => {
    values[[instrument, ...Object.values(attributes)].join(' ')] = value;
  };
  observeConsumers({ observe } as never, instruments, readings, facts => ({
    cluster: facts.clusterId ?? '',
    ...(facts.destination === undefined ? {} : { topic: rest ?? facts.destination }),
    ...(facts.partition === undefined ? {} : { partition: facts.partition }),
  }));
  return values;
}

const lost = partition({ recordsLag: 0, timeLag: 0, isLost: true });

test.each(['first', 'last'])('a lost partition shows the lag of the consumer that has it now (%s)', order => {
  const readings = [
    [group, consumer({ partitions: [partition()] })],
    [group, consumer({ partitions: [lost] })],
  ] as const;
  expect(observed(order === 'first' ? readings : [...readings].reverse())).toMatchObject({
    'records c orders 0': 5,
    'time c orders 0': 2,
  });
});

test('a lost partition shows 0 if no consumer has it, or the new one has not fetched it yet', () => {
  const notFetched = partition({ recordsLag: undefined, timeLag: undefined });
  expect(
    observed([
      [group, consumer({ partitions: [lost] })],
      [group, consumer({ partitions: [notFetched] })],
    ]),
  ).toMatchObject({ 'records c orders 0': 0 });
});

test('consumers of a group add up their partitions and show the oldest heartbeat of its members', () => {
  const crashed = consumer({ assigned: 0, heartbeatAge: 900, isMember: false });
  const readings = [
    [group, crashed],
    [group, consumer({ assigned: 2, heartbeatAge: 3 })],
    [group, consumer({ assigned: 1, heartbeatAge: 4 })],
  ] as const;
  expect(observed(readings)).toEqual({ 'assigned c': 3, 'heartbeat c': 4 });
  expect(observed([[group, crashed]])).toEqual({ 'assigned c': 0, 'heartbeat c': 900 });
});

test('clusters have their own series', () => {
  const readings = [
    [group, consumer({ partitions: [partition()] })],
    [{ ...group, clusterId: 'd' }, consumer({ partitions: [partition({ recordsLag: 7 })] })],
  ] as const;
  expect(observed(readings)).toMatchObject({ 'records c orders 0': 5, 'records d orders 0': 7 });
});

test('topics that share a series add up their records and show the oldest age', () => {
  const partitions = [partition(), partition({ topic: 'bills', recordsLag: 2, timeLag: 8 })];
  expect(observed([[group, consumer({ partitions })]], '_other')).toMatchObject({
    'records c _other 0': 7,
    'time c _other 0': 8,
  });
});
