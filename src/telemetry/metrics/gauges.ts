import type { Attributes, BatchObservableResult } from '@opentelemetry/api';
import type { Facts } from '../../semconv/vocabulary';
import type { ConsumerReading } from './consumer';
import type { Instruments } from './instruments';

/** What identifies a consumer's group: consumers of one group in one process share their series. */
export interface GroupFacts {
  readonly group: string | undefined;
  readonly clusterId: string | undefined;
}

type Describe = (facts: Facts) => Attributes;

interface Series {
  readonly attributes: Attributes;
  value: number;
  lost: boolean;
}

/**
 * Observes what the consumers show. Two consumers of a group may pass a partition between them: the one that has it counts,
 * and the zero of the one that lost it is observed only where nobody here has it.
 */
export function observeConsumers(
  result: BatchObservableResult,
  instruments: Instruments,
  readings: Iterable<readonly [GroupFacts, ConsumerReading]>,
  describe: Describe,
): void {
  const records = new Map<string, Series>();
  const times = new Map<string, Series>();
  const assigned = new Map<string, Series>();
  const heartbeats = new Map<string, Series>();
  for (const [facts, { partitions, assigned: count, heartbeatAge }] of readings) {
    for (const { topic, partition, recordsLag, timeLag, lost } of partitions) {
      const attributes = describe({ ...facts, destination: topic, partition });
      keep(records, attributes, recordsLag, lost, latest);
      keep(times, attributes, timeLag, lost, latest);
    }
    const attributes = describe({ ...facts });
    keep(assigned, attributes, count, false, (one, other) => one + other);
    keep(heartbeats, attributes, heartbeatAge, false, Math.max);
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

const latest = (_: number, other: number): number => other;

function keep(
  all: Map<string, Series>,
  attributes: Attributes,
  value: number | undefined,
  lost: boolean,
  combine: (one: number, other: number) => number,
): void {
  if (value === undefined) return;
  const key = JSON.stringify(attributes);
  const known = all.get(key);
  if (!known || (known.lost && !lost)) all.set(key, { attributes, value, lost });
  else if (!lost) known.value = combine(known.value, value);
}
