/**
 * Converts OTLP metrics into the text format that Prometheus scrapes, because Prometheus cannot receive OTLP before
 * version 2.47. The series are the same as with OTLP.
 */
import type { Attributes, ReceivedMetric, ReceivedPoint, Value } from '../otlp';
import { labelName, metricName } from './names';

type Labels = Readonly<Record<string, string>>;

/** `target_info` leaves these attributes out, because they become the labels `job` and `instance`. */
const IDENTITY = ['service.name', 'service.namespace', 'service.instance.id'];

/**
 * Stores the latest export of each metric of each process. Values keep their timestamps, so a repeated scrape adds no
 * new values, and old values expire as with OTLP.
 */
export class Exposition {
  readonly #latest = new Map<string, ReceivedMetric>();

  /**
   * @param promoted - resource attributes that become labels of every series, like Prometheus's setting
   * `promote_resource_attributes`
   */
  constructor(private readonly promoted: readonly string[] = []) {}

  receive(metrics: readonly ReceivedMetric[]): void {
    for (const metric of metrics)
      this.#latest.set(JSON.stringify([metric.resource, metric.scope, metric.name], plain), metric);
  }

  /** The metrics in Prometheus's text format 0.0.4. */
  get text(): string {
    const lines = [...this.#latest.values()].flatMap(metric => [
      ...seriesOf(metric, this.#common(metric.resource)),
      ...targetInfo(metric),
    ]);
    return `${[...new Set(lines)].join('\n')}\n`;
  }

  #common(resource: Attributes): Labels {
    const promoted = this.promoted.filter(name => resource[name] !== undefined);
    return {
      ...identity(resource),
      ...Object.fromEntries(promoted.map(name => [labelName(name), textOf(resource[name] ?? '')])),
    };
  }
}

function seriesOf(metric: ReceivedMetric, common: Labels): string[] {
  if (metric.kind === 'exponentialHistogram' || metric.kind === 'summary')
    throw new Error(`${metric.name} is of the kind ${metric.kind}; expected gauge, sum or histogram`);
  if (metric.temporality === 'delta')
    throw new Error(`${metric.name} is a delta metric, which Prometheus drops; export it as cumulative`);
  const name = metricName(metric);
  return metric.points.flatMap(point => {
    const labels = { ...labelsOf(point.attributes), ...common };
    return metric.kind === 'histogram'
      ? histogram(name, labels, point)
      : [sample(name, labels, point.value, point)];
  });
}

/** In OTLP, a bucket counts the values between two bounds. In Prometheus, a bucket counts all values up to a bound. */
function histogram(name: string, labels: Labels, point: ReceivedPoint): string[] {
  const { bounds = [], buckets = [], count = 0 } = point;
  let below = 0;
  const finite = bounds.map((bound, index) => {
    below += buckets[index] ?? 0;
    return sample(`${name}_bucket`, { le: String(bound), ...labels }, below, point);
  });
  return [
    ...finite,
    sample(`${name}_bucket`, { le: '+Inf', ...labels }, count, point),
    sample(`${name}_sum`, labels, point.value, point),
    sample(`${name}_count`, labels, count, point),
  ];
}

/** Creates one series `target_info` per process, with the remaining resource attributes as labels. */
function targetInfo({ resource, points }: ReceivedMetric): string[] {
  const rest = Object.fromEntries(Object.entries(resource).filter(([name]) => !IDENTITY.includes(name)));
  const [first] = points;
  if (!first || Object.keys(rest).length === 0) return [];
  return [sample('target_info', { ...labelsOf(rest), ...identity(resource) }, 1, first)];
}

function identity(resource: Attributes): Labels {
  const { 'service.namespace': namespace, 'service.name': name, 'service.instance.id': instance } = resource;
  return {
    job: [namespace, name]
      .filter(part => part !== undefined)
      .map(textOf)
      .join('/'),
    // Without an `instance`, Prometheus would use the scraped address.
    instance: instance === undefined ? '' : textOf(instance),
  };
}

const labelsOf = (attributes: Attributes): Labels =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [labelName(name), textOf(value)]));

const sample = (name: string, labels: Labels, value: number, { time }: ReceivedPoint): string =>
  `${name}{${Object.entries(labels)
    .map(([label, text]) => `${label}="${escaped(text)}"`)
    .join(',')}} ${value} ${time / 1_000_000n}`;

const textOf = (value: Value): string => (typeof value === 'string' ? value : JSON.stringify(value, plain));
const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
