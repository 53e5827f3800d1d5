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
  lost: false,
  ...overrides,
});
const consumer = (overrides: Partial<ConsumerReading> = {}): ConsumerReading => ({
  partitions: [],
  assigned: 1,
  heartbeatAge: 1,
  isMember: true,
  ...overrides,
});

/** Observed values as `instrument topic/partition`; topics may be told apart or not. */
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

const lost = partition({ recordsLag: 0, timeLag: 0, lost: true });

test.each(['first', 'last'])(
  'the zero of a loss gives way to the consumer that has the partition (%s)',
  order => {
    const readings = [
      [group, consumer({ partitions: [partition()] })],
      [group, consumer({ partitions: [lost] })],
    ] as const;
    expect(observed(order === 'first' ? readings : [...readings].reverse())).toMatchObject({
      'records c orders 0': 5,
      'time c orders 0': 2,
    });
  },
);

test('the zero of a loss is shown where nobody has the partition, or knows nothing of it yet', () => {
  const ignorant = partition({ recordsLag: undefined, timeLag: undefined });
  expect(
    observed([
      [group, consumer({ partitions: [lost] })],
      [group, consumer({ partitions: [ignorant] })],
    ]),
  ).toMatchObject({ 'records c orders 0': 0 });
});

test('consumers of a group add up their partitions, and show the oldest heartbeat of those that are in it', () => {
  const dead = consumer({ assigned: 0, heartbeatAge: 900, isMember: false });
  const readings = [
    [group, dead],
    [group, consumer({ assigned: 2, heartbeatAge: 3 })],
    [group, consumer({ assigned: 1, heartbeatAge: 4 })],
  ] as const;
  expect(observed(readings)).toEqual({ 'assigned c': 3, 'heartbeat c': 4 });
  expect(observed([[group, dead]])).toEqual({ 'assigned c': 0, 'heartbeat c': 900 });
});

test('clusters are told apart', () => {
  const readings = [
    [group, consumer({ partitions: [partition()] })],
    [{ ...group, clusterId: 'd' }, consumer({ partitions: [partition({ recordsLag: 7 })] })],
  ] as const;
  expect(observed(readings)).toMatchObject({ 'records c orders 0': 5, 'records d orders 0': 7 });
});

test('topics that share a series add up their records and show the oldest', () => {
  const partitions = [partition(), partition({ topic: 'bills', recordsLag: 2, timeLag: 8 })];
  expect(observed([[group, consumer({ partitions })]], '_other')).toMatchObject({
    'records c _other 0': 7,
    'time c _other 0': 8,
  });
});
