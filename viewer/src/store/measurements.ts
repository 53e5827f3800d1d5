import { batchSizeOf, groupOf, operationOf, topicOf } from '../messaging';
import type { Attributes, ReceivedMetric, ReceivedPoint, ReceivedSpan } from '../otlp/decode';
import type { ConsumerGroup, Frame, ServiceMap } from '../page-data';
import { Groups } from './groups';
import { instanceOf, unixSeconds } from './reading';
import { Flows } from './service-map';
import { Seconds, Growth } from './seconds';
import { trim } from './trim';

/** Chart values of five minutes are kept. */
const FRAMES_KEPT = 300;
const MAX_LINES = 1_000;
const PROCESS_DURATION = 'messaging.process.duration';

type Source = 'metrics' | 'spans';

/**
 * The chart values, the map and the consumer groups. The numbers come from metrics, because metrics count every
 * message. For a service that exports no metrics, they come from its spans.
 */
export class Measurements {
  private readonly growth = new Growth();
  /** Apart from the counters, so that the many buckets never displace them. */
  private readonly bucketGrowth = new Growth();
  private readonly lines = new Map<string, { readonly source: Source; readonly seconds: Seconds }>();
  private readonly gauges = new Map<number, Record<string, number>>();
  private readonly withMetrics = new Set<string>();
  private readonly flows = new Flows();
  private readonly members = new Groups();
  private changed = new Set<number>();
  /** Seconds of Unix time. */
  private readonly since = Date.now() / 1000;

  /**
   * Adds the metrics of one export.
   *
   * @returns the seconds whose chart values changed
   */
  add(metrics: readonly ReceivedMetric[]): ReadonlySet<number> {
    this.changed = new Set();
    const groups = new Set<string>();
    let latest = 0;
    for (const metric of metrics) {
      if (!isKafkaMetric(metric.name)) continue;
      this.withMetrics.add(metric.service);
      for (const point of metric.points) {
        const at = unixSeconds(point.time);
        latest = Math.max(latest, at);
        const group = this.members.measure(metric, point, at);
        if (group !== undefined) groups.add(group);
        if (metric.kind === 'sum' || metric.kind === 'histogram') this.countGrowth(metric, point, at);
      }
    }
    for (const group of groups) this.setLag(group, Math.floor(latest));
    return this.changed;
  }

  /**
   * @param parentOf - finds the parent of a span
   * @returns the seconds whose chart values changed
   */
  addSpans(
    spans: readonly ReceivedSpan[],
    parentOf: (span: ReceivedSpan) => ReceivedSpan | undefined = () => undefined,
  ): ReadonlySet<number> {
    this.changed = new Set();
    for (const span of spans) {
      const { attributes, service } = span;
      const at = unixSeconds(span.end);
      const failed = span.status.code === 'ERROR' ? 1 : 0;
      if (failed) this.addTo(`errors ${service}`, 'spans', 1, at, at);
      const topic = topicOf(attributes);
      const type = operationOf(span);
      if (topic === '' || type === undefined) continue;
      const size = Number(batchSizeOf(attributes) ?? 1) || 1;
      if (type === 'send') {
        this.addTo(`sent ${service}`, 'spans', size, at, at);
        this.flows.sent('spans', service, topic, size, failed, at, at);
        continue;
      }
      const group = groupOf(attributes);
      this.members.process(span, group, at, Number(span.end - span.start) / 1e6, failed);
      // Do not count the span of a single message in a batch, because the span of the batch counts all messages.
      const parent = parentOf(span);
      if (parent?.kind === 'CONSUMER' && parent.service === service) continue;
      this.addTo(`consumed ${service}`, 'spans', size, at, at);
      this.flows.consumed('spans', service, topic, group, size, at, at);
      this.flows.failed('spans', service, topic, group, failed);
      this.changed.add(Math.floor(at));
    }
    return this.changed;
  }

  /** Returns the chart values of the given seconds, or of all seconds. Oldest first. */
  frames(seconds?: ReadonlySet<number>): Frame[] {
    const wanted = seconds ?? this.allSeconds();
    return [...wanted]
      .sort((a, b) => a - b)
      .flatMap(at => {
        const values: Record<string, number> = { ...this.gauges.get(at), ...this.members.percentiles(at) };
        for (const [key, { source, seconds: line }] of this.lines) {
          const name = key.slice(source.length + 1);
          const value = line.at(at);
          if (value !== undefined && this.isUsed(source, name)) values[name] = value;
        }
        return Object.keys(values).length > 0 ? [{ at, values }] : [];
      });
  }

  map(): ServiceMap {
    return this.flows.map(Date.now() / 1000, this.withMetrics, this.members);
  }

  groups(): ConsumerGroup[] {
    return this.members.list(Date.now() / 1000);
  }

  /** Counts what a counter or a histogram has grown by since its last export. */
  private countGrowth(metric: ReceivedMetric, point: ReceivedPoint, at: number): void {
    const { name, kind, temporality } = metric;
    const { attributes, bounds, buckets } = point;
    const series = seriesOf(metric, attributes);
    const start = unixSeconds(point.start ?? 0n);
    const isDelta = temporality === 'delta';
    const total = kind === 'histogram' ? (point.count ?? 0) : point.value;
    const grown = this.growth.of(series, { value: total, at, start }, isDelta, this.since);
    if (grown) this.count(metric, attributes, grown.amount, grown.from, at);
    if (name !== PROCESS_DURATION || !bounds || !buckets) return;
    const counts = buckets.map((value, index) => {
      const bucket = `${series} ${index}`;
      return this.bucketGrowth.of(bucket, { value, at, start }, isDelta, this.since)?.amount ?? 0;
    });
    if (counts.every(count => count === 0)) return;
    this.members.processed(groupOf(attributes), at, bounds, counts);
    this.changed.add(Math.floor(at));
  }

  private count(
    metric: ReceivedMetric,
    attributes: Attributes,
    amount: number,
    from: number,
    at: number,
  ): void {
    const { name, service } = metric;
    const topic = topicOf(attributes);
    const group = groupOf(attributes);
    const failed = attributes['error.type'] === undefined ? 0 : amount;
    if (name === 'messaging.client.sent.messages') {
      this.addTo(`sent ${service}`, 'metrics', amount, from, at);
      this.flows.sent('metrics', service, topic, amount, failed, from, at);
    } else if (name === 'messaging.client.consumed.messages') {
      this.addTo(`consumed ${service}`, 'metrics', amount, from, at);
      this.flows.consumed('metrics', service, topic, group, amount, from, at);
    } else if (name === PROCESS_DURATION) {
      this.flows.failed('metrics', service, topic, group, failed);
    }
  }

  private addTo(line: string, source: Source, amount: number, from: number, to: number): void {
    const key = `${source} ${line}`;
    const known = this.lines.get(key);
    if (!known && this.lines.size >= MAX_LINES) return;
    const { seconds } = known ?? { seconds: new Seconds(FRAMES_KEPT) };
    if (!known) this.lines.set(key, { source, seconds });
    for (const second of seconds.spread(amount, from, to)) this.changed.add(second);
  }

  /** Errors are counted only from spans. All other chart lines use either metrics or spans. */
  private isUsed(source: Source, line: string): boolean {
    if (line.startsWith('errors ')) return true;
    const service = line.slice(line.indexOf(' ') + 1);
    return (source === 'metrics') === this.withMetrics.has(service);
  }

  private setLag(group: string, second: number): void {
    const { lag, timeLag } = this.members.lagOf(group) ?? { lag: 0, timeLag: 0 };
    const values = this.gauges.get(second) ?? {};
    values[`lag ${group}`] = lag;
    values[`timeLag ${group}`] = timeLag;
    this.gauges.set(second, values);
    this.changed.add(second);
    trim(this.gauges, FRAMES_KEPT);
  }

  private allSeconds(): Set<number> {
    const now = Math.floor(Date.now() / 1000);
    const seconds = new Set(this.gauges.keys());
    for (let at = now - FRAMES_KEPT; at <= now; at++) seconds.add(at);
    return seconds;
  }
}

const isKafkaMetric = (name: string): boolean => name.startsWith('messaging.') || name.startsWith('kafka.');

const seriesOf = ({ service, resource, name }: ReceivedMetric, attributes: Attributes): string =>
  JSON.stringify([service, instanceOf(resource), name, attributes], (_, part: unknown) =>
    typeof part === 'bigint' ? part.toString() : part,
  );
