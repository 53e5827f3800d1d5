import type { Attributes, BatchObservableResult } from '@opentelemetry/api';
import type { OperationFacts } from '../semconv/vocabulary';
import type { ConsumerReading } from './consumer-health';
import type { Instruments } from './instruments';
import type { PartitionReading } from './partition-lag';

/** Identifies a consumer group. Consumers of the same group in this process share their metric series. */
export interface GroupFacts {
  readonly group: string | undefined;
  readonly clusterId: string | undefined;
}

type Describe = (facts: OperationFacts) => Attributes;

interface Series {
  readonly attributes: Attributes;
  value: number;
  isMember: boolean;
}

/**
 * Observes the gauges of all consumers. If a partition moves to another consumer in this process, only the new
 * consumer's value is observed. If a partition moves to another process, its value becomes 0.
 */
export function observeConsumers(
  result: BatchObservableResult,
  instruments: Instruments,
  readings: readonly (readonly [GroupFacts, ConsumerReading])[],
  describe: Describe,
): void {
  const records = new Map<string, Series>();
  const times = new Map<string, Series>();
  const assigned = new Map<string, Series>();
  const heartbeats = new Map<string, Series>();
  for (const [facts, { topic, partition, recordsLag, timeLag }] of heldPartitions(readings)) {
    const attributes = describe({ ...facts, destination: topic, partition });
    // Beyond the cardinality limit, several topics share one series. Their values are then combined.
    keep(records, attributes, recordsLag, true, sum);
    keep(times, attributes, timeLag, true, Math.max);
  }
  for (const [facts, { assigned: count, heartbeatAge, isMember }] of readings) {
    const attributes = describe({ ...facts });
    keep(assigned, attributes, count, true, sum);
    keep(heartbeats, attributes, heartbeatAge, isMember, Math.max);
  }
  for (const [instrument, series] of [
    [instruments.recordsLag, records],
    [instruments.timeLag, times],
    [instruments.assignedPartitions, assigned],
    [instruments.heartbeatAge, heartbeats],
  ] as const) {
    for (const { attributes, value } of series.values()) result.observe(instrument, value, attributes);
  }
}

/** Lists each partition once. If several consumers report a partition, the consumer that has it now wins. */
function heldPartitions(
  readings: readonly (readonly [GroupFacts, ConsumerReading])[],
): Iterable<readonly [GroupFacts, PartitionReading]> {
  const held = new Map<string, readonly [GroupFacts, PartitionReading]>();
  for (const [facts, { partitions }] of readings) {
    for (const reading of partitions) {
      if (reading.recordsLag === undefined) continue;
      const key = JSON.stringify([facts.group, facts.clusterId, reading.topic, reading.partition]);
      if (!reading.isLost || !held.has(key)) held.set(key, [facts, reading]);
    }
  }
  return held.values();
}

const sum = (one: number, other: number): number => one + other;

/**
 * Combines values with equal attributes. A consumer that left its group counts only if no other consumer of the group
 * runs in this process.
 */
function keep(
  all: Map<string, Series>,
  attributes: Attributes,
  value: number | undefined,
  isMember: boolean,
  combine: (one: number, other: number) => number,
): void {
  if (value === undefined) return;
  const key = JSON.stringify(attributes);
  const known = all.get(key);
  if (!known || (isMember && !known.isMember)) all.set(key, { attributes, value, isMember });
  else if (known.isMember === isMember) known.value = combine(known.value, value);
}
