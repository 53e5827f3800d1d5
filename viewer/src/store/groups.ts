import { clientIdOf, groupOf, partitionOf, text, topicOf } from '../messaging';
import type { ReceivedMetric, ReceivedPoint, ReceivedSpan } from '../otlp/decode';
import type { ConsumerGroup } from '../page-data';
import { Durations } from './durations';
import { instanceOf } from './reading';
import { trim } from './trim';

/** A running or former consumer: an instance of a service in a group. */
interface Member {
  readonly group: string;
  readonly service: string;
  readonly instance: string;
  clientId?: string;
  heartbeatAge?: number;
  assignedCount?: number;
  readonly rebalances: Map<string, number>;
  readonly crashes: Map<string, number>;
  /** When the member last exported a lag, in seconds of Unix time. */
  measuredAt: number;
  lastSeen: number;
}

interface Reading {
  readonly member: string;
  readonly group: string;
  readonly topic: string;
  readonly partition: string;
  lag: number;
  timeLag: number;
  at: number;
}

const MAX_MEMBERS = 500;
const MAX_READINGS = 5_000;
const MAX_GROUPS = 500;
/**
 * A lag value that is this much older than the newest value of its partition comes from a former owner of the
 * partition.
 */
const OWNER_SECONDS = 5;
/** A member that has not been seen for this time has left the group. */
const GONE_SECONDS = 60;

/** Computes the state of consumer groups from consumer metrics and process spans. */
export class Groups {
  private readonly members = new Map<string, Member>();
  private readonly readings = new Map<string, Reading>();
  private readonly durations = new Map<string, Durations>();
  private readonly errors = new Map<string, number>();

  /**
   * Reads what a data point says about a consumer.
   *
   * @returns the name of the group if its lag changed
   */
  measure(
    { name, service, resource }: ReceivedMetric,
    { attributes, value }: ReceivedPoint,
    at: number,
  ): string | undefined {
    const group = groupOf(attributes);
    if (group === '') return undefined;
    const instance = instanceOf(resource);
    const key = JSON.stringify([group, service, instance]);
    const member = this.member(key, group, service, instance, at);
    const cause =
      text(attributes, 'error.type') + (attributes['kafka.consumer.restarts'] === true ? ' restarts' : '');
    if (name === 'kafka.consumer.heartbeat_age') member.heartbeatAge = value;
    else if (name === 'kafka.consumer.assigned_partitions') member.assignedCount = value;
    else if (name === 'kafka.consumer.rebalances') member.rebalances.set(cause, value);
    else if (name === 'kafka.consumer.crashes') member.crashes.set(cause, value);
    else if (name === 'kafka.consumer.records_lag' || name === 'kafka.consumer.time_lag') {
      const topic = topicOf(attributes);
      const partition = partitionOf(attributes);
      const place = JSON.stringify([key, topic, partition]);
      const reading = this.readings.get(place) ?? {
        member: key,
        group,
        topic,
        partition,
        lag: 0,
        timeLag: 0,
        at,
      };
      reading[name === 'kafka.consumer.records_lag' ? 'lag' : 'timeLag'] = value;
      reading.at = at;
      member.measuredAt = at;
      this.readings.set(place, reading);
      trim(this.readings, MAX_READINGS);
      return group;
    }
    return undefined;
  }

  process(span: ReceivedSpan, group: string, at: number, ms: number, failed: number): void {
    if (group === '') return;
    const { service, resource, attributes } = span;
    const instance = instanceOf(resource);
    const member = this.member(JSON.stringify([group, service, instance]), group, service, instance, at);
    const clientId = clientIdOf(attributes);
    if (clientId !== '') member.clientId = clientId;
    if (failed > 0) this.errors.set(group, (this.errors.get(group) ?? 0) + failed);
    this.durationsOf(group).addSpan(Math.floor(at), ms);
  }

  /** Adds the growth of the histogram of processing durations. */
  processed(group: string, at: number, bounds: readonly number[], counts: readonly number[]): void {
    if (group !== '') this.durationsOf(group).addHistogram(Math.floor(at), bounds, counts);
  }

  /** Returns percentiles of the processing durations of one second as chart values. */
  percentiles(second: number): Record<string, number> {
    const values: Record<string, number> = {};
    for (const [group, durations] of this.durations) {
      const percentiles = durations.at(second);
      if (!percentiles) continue;
      for (const name of ['p50', 'p95', 'p99'] as const) values[`${name} ${group}`] = percentiles[name];
    }
    return values;
  }

  private durationsOf(group: string): Durations {
    const durations = this.durations.get(group) ?? new Durations();
    this.durations.set(group, durations);
    trim(this.durations, MAX_GROUPS);
    return durations;
  }

  /** Returns the lag of a group, or of one topic of the group. Undefined if no lag was measured. */
  lagOf(group: string, topic?: string): { readonly lag: number; readonly timeLag: number } | undefined {
    const own = this.partitions(group).filter(reading => topic === undefined || reading.topic === topic);
    if (own.length === 0) return undefined;
    return {
      lag: own.reduce((sum, reading) => sum + reading.lag, 0),
      timeLag: Math.max(0, ...own.map(({ timeLag }) => timeLag)),
    };
  }

  servicesOf(group: string): string[] {
    return [
      ...new Set(
        [...this.members.values()].filter(member => member.group === group).map(({ service }) => service),
      ),
    ];
  }

  list(now: number): ConsumerGroup[] {
    const names = [...new Set([...this.members.values()].map(({ group }) => group))].sort();
    return names.map(group => {
      const processing = this.durations.get(group)?.lately(now);
      return {
        group,
        members: [...this.members.entries()]
          .filter(([, member]) => member.group === group)
          .map(([key, member]) => this.memberView(key, member)),
        partitions: this.partitions(group).map(({ topic, partition, lag, timeLag }) => ({
          topic,
          partition,
          lag,
          timeLag,
        })),
        ...(processing ? { processing } : {}),
        errors: this.errors.get(group) ?? 0,
      };
    });
  }

  private member(key: string, group: string, service: string, instance: string, at: number): Member {
    const member = this.members.get(key) ?? {
      group,
      service,
      instance,
      rebalances: new Map<string, number>(),
      crashes: new Map<string, number>(),
      measuredAt: 0,
      lastSeen: 0,
    };
    member.lastSeen = Math.max(member.lastSeen, at * 1000);
    // Add the member at the end again, so that the member that was seen least recently is removed first.
    this.members.delete(key);
    this.members.set(key, member);
    this.forgetFormer(group, service, key, at);
    trim(this.members, MAX_MEMBERS);
    return member;
  }

  /**
   * Removes other members of this service from the group if they were not seen for `GONE_SECONDS`, because their
   * process has ended. The last member of the service is kept.
   */
  private forgetFormer(group: string, service: string, current: string, at: number): void {
    for (const [key, member] of this.members) {
      if (member.lastSeen >= (at - GONE_SECONDS) * 1000) return;
      if (key !== current && member.group === group && member.service === service) this.members.delete(key);
    }
  }

  private memberView(key: string, member: Member): ConsumerGroup['members'][number] {
    const { service, instance, clientId, heartbeatAge, assignedCount, rebalances, crashes, lastSeen } =
      member;
    const assigned: Record<string, number> = {};
    if (assignedCount !== 0)
      for (const reading of this.readings.values())
        if (reading.member === key && reading.at >= member.measuredAt)
          assigned[reading.topic] = (assigned[reading.topic] ?? 0) + 1;
    return {
      service,
      instance,
      ...(clientId === undefined ? {} : { clientId }),
      assigned,
      ...(heartbeatAge === undefined ? {} : { heartbeatAge }),
      rebalances: sum(rebalances.values()),
      crashes: sum(crashes.values()),
      lastSeen,
    };
  }

  private partitions(group: string): Reading[] {
    const byPartition = new Map<string, Reading>();
    for (const reading of this.readings.values()) {
      if (reading.group !== group) continue;
      const key = JSON.stringify([reading.topic, reading.partition]);
      const other = byPartition.get(key);
      if (!other || isBetter(reading, other)) byPartition.set(key, reading);
    }
    return [...byPartition.values()].sort(
      (a, b) => a.topic.localeCompare(b.topic) || Number(a.partition) - Number(b.partition),
    );
  }
}

/**
 * After a rebalance, two members report the same partition for a while. Use the newer value, or the larger value if
 * both are new.
 */
function isBetter(reading: Reading, other: Reading): boolean {
  if (Math.abs(reading.at - other.at) > OWNER_SECONDS) return reading.at > other.at;
  return reading.lag > other.lag;
}

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
