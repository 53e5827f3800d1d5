import type { Attributes, BatchObservableResult } from '@opentelemetry/api';
import type { Facts } from '../../semconv/vocabulary';
import type { ConsumerReading } from './consumer';
import type { Instruments } from './instruments';
import type { PartitionReading } from './partitions';

/** What identifies a consumer's group: consumers of one group in one process share their series. */
export interface GroupFacts {
  readonly group: string | undefined;
  readonly clusterId: string | undefined;
}

type Describe = (facts: Facts) => Attributes;

interface Series {
  readonly attributes: Attributes;
  value: number;
  isMember: boolean;
}

/**
 * Observes what the consumers show. Two consumers of a group may pass a partition between them: the one that has it counts,
 * and the zero of the one that lost it is observed only where nobody here has it.
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
    // Only topics beyond those that are told apart share a series.
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

/** Each partition once, as the consumer sees it that has it, or had it last. */
function heldPartitions(
  readings: readonly (readonly [GroupFacts, ConsumerReading])[],
): Iterable<readonly [GroupFacts, PartitionReading]> {
  const held = new Map<string, readonly [GroupFacts, PartitionReading]>();
  for (const [facts, { partitions }] of readings) {
    for (const reading of partitions) {
      if (reading.recordsLag === undefined) continue;
      const key = JSON.stringify([facts.group, facts.clusterId, reading.topic, reading.partition]);
      if (!reading.lost || !held.has(key)) held.set(key, [facts, reading]);
    }
  }
  return held.values();
}

const sum = (one: number, other: number): number => one + other;

/** Consumers of one group share a series; what one says that has left the group holds only if no other is in it. */
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
