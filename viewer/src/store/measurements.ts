import type { Attributes, ReceivedMetric, ReceivedPoint } from '../otlp/decode';
import { Rates } from './rates';

/** The chart values of one second. A key is the name of a line, such as `sent order-api` or `lag payment-worker`. */
export interface Frame {
  /** Unix time in seconds. */
  readonly at: number;
  readonly values: Readonly<Record<string, number>>;
}

/** The lag of a consumer group on one partition. */
export interface PartitionLag {
  readonly group: string;
  readonly topic: string;
  readonly partition: string;
  /** Number of messages. */
  readonly lag: number;
  /** Age of the oldest message, in seconds. */
  readonly timeLag: number;
}

const COUNTERS: Readonly<Record<string, string>> = {
  'messaging.client.sent.messages': 'sent',
  'messaging.client.consumed.messages': 'consumed',
};
const GAUGES: Readonly<Record<string, 'lag' | 'timeLag'>> = {
  'kafka.consumer.records_lag': 'lag',
  'kafka.consumer.time_lag': 'timeLag',
};

/** Number of seconds whose chart values are kept: five minutes. */
const FRAMES_KEPT = 300;
const PARTITIONS_KEPT = 200;

const text = (attributes: Attributes, key: string): string => {
  const value = attributes[key];
  return typeof value === 'string' ? value : '';
};

/** Converts exported metrics into chart values: messages per second, and the lag of each consumer group. */
export class Measurements {
  private readonly bySecond = new Map<number, Record<string, number>>();
  private readonly byPartition = new Map<string, PartitionLag>();
  private readonly rates = new Rates();

  /** Adds the metrics of one export. @returns the seconds whose chart values changed */
  add(metrics: readonly ReceivedMetric[]): ReadonlySet<number> {
    const changed = new Set<number>();
    const groups = new Set<string>();
    let latest = 0;
    for (const { name, service, points } of metrics) {
      const counter = COUNTERS[name];
      const gauge = GAUGES[name];
      const second = Math.floor(Math.max(0, ...points.map(point => Number(point.time / 1_000_000n))) / 1000);
      if (second === 0) continue;
      if (counter !== undefined) {
        const rate = this.rates.of(`${counter} ${service}`, points);
        if (rate !== undefined) this.setValue(second, `${counter} ${service}`, rate);
        changed.add(second);
      } else if (gauge !== undefined) {
        for (const point of points) groups.add(this.setGauge(gauge, point));
        latest = Math.max(latest, second);
      }
    }
    for (const group of groups) this.setGroupTotals(group, latest);
    if (groups.size > 0) changed.add(latest);
    this.trimHistory();
    return changed;
  }

  /** Returns the chart values of the given seconds, or of all seconds. Oldest first. */
  frames(seconds?: ReadonlySet<number>): Frame[] {
    return [...this.bySecond]
      .filter(([at]) => seconds?.has(at) ?? true)
      .sort(([a], [b]) => a - b)
      .map(([at, values]) => ({ at, values }));
  }

  get partitions(): PartitionLag[] {
    return [...this.byPartition.values()].sort((a, b) => order(a).localeCompare(order(b)));
  }

  private setGauge(gauge: 'lag' | 'timeLag', { attributes, value }: ReceivedPoint): string {
    const group = text(attributes, 'messaging.consumer.group.name');
    const topic = text(attributes, 'messaging.destination.name');
    const partition = text(attributes, 'messaging.destination.partition.id');
    const key = JSON.stringify([group, topic, partition]);
    const before = this.byPartition.get(key) ?? { group, topic, partition, lag: 0, timeLag: 0 };
    this.byPartition.set(key, { ...before, [gauge]: value });
    return group;
  }

  private setGroupTotals(group: string, second: number): void {
    const own = this.partitions.filter(reading => reading.group === group);
    this.setValue(
      second,
      `lag ${group}`,
      own.reduce((sum, { lag }) => sum + lag, 0),
    );
    this.setValue(second, `timeLag ${group}`, Math.max(0, ...own.map(({ timeLag }) => timeLag)));
  }

  private setValue(second: number, series: string, value: number): void {
    const values = this.bySecond.get(second) ?? {};
    values[series] = value;
    this.bySecond.set(second, values);
  }

  private trimHistory(): void {
    trim(this.bySecond, FRAMES_KEPT);
    trim(this.byPartition, PARTITIONS_KEPT);
  }
}

const order = ({ group, topic, partition }: PartitionLag): string =>
  `${group} ${topic} ${partition.padStart(6, '0')}`;

function trim(map: Map<unknown, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}
