import type { ReceivedMetric, ReceivedPoint } from '../support/otlp';
import { attributeFaults, show, type Fault } from './attributes';
import { leftOutOfMetrics, ownMetricDefinitions } from './own';
import { metricDefinitions, namesIn, olderName, versionOf, type MetricDefinition } from './registry';

const definitions = new Map(
  [...metricDefinitions, ...ownMetricDefinitions]
    .filter(({ deprecated }) => !deprecated)
    .map(definition => [definition.name, definition]),
);

/** Checks one export of a metric. */
export function metricFaults(metric: ReceivedMetric): Fault[] {
  const definition = definitions.get(metric.name);
  if (!definition)
    return [{ rule: 'metric', message: 'it is neither in the conventions nor in test/conformance/own.ts' }];
  return [
    ...instrumentFaults(metric, definition),
    ...metric.points.flatMap(point => [...pointFaults(point, definition), ...valueFaults(point, definition)]),
  ];
}

function instrumentFaults(metric: ReceivedMetric, definition: MetricDefinition): Fault[] {
  const faults: Fault[] = [];
  const { instrument, unit } = definition;
  const kind = metric.kind === 'sum' && metric.monotonic ? 'counter' : metric.kind;
  if (kind !== instrument)
    faults.push({ rule: 'metric', message: `it must be a ${instrument}, not a ${kind}` });
  if (metric.unit !== unit)
    faults.push({ rule: 'metric', message: `its unit must be ${unit}, not ${show(metric.unit)}` });
  if (metric.description === '') faults.push({ rule: 'metric', message: 'it has no description' });
  return faults;
}

function pointFaults({ attributes }: ReceivedPoint, { name, attributes: uses }: MetricDefinition): Fault[] {
  const version = versionOf(attributes);
  if (!version)
    return [
      { rule: 'vocabulary', message: 'a point has neither messaging.system nor messaging.system.name' },
    ];
  const isOwn = !name.startsWith('messaging.');
  const allowed = new Set(
    uses.map(use => use.name).filter(attribute => isOwn || !leftOutOfMetrics.has(attribute)),
  );
  // This metric counts deliveries. A delivery cannot fail, so there is no error.type.
  if (name === 'messaging.client.consumed.messages') allowed.delete('error.type');
  const unexpected = Object.keys(attributes).filter(attribute => !allowed.has(olderName(attribute)));
  const missing = uses
    .filter(({ requirement }) => requirement === 'required')
    .flatMap(use => namesIn(version, use.name))
    .filter(attribute => attributes[attribute] === undefined);
  return [
    ...attributeFaults(version, attributes),
    ...unexpected.map((attribute): Fault => ({
      rule: 'metric',
      message: `${attribute} is not an attribute of this metric`,
    })),
    ...missing.map((attribute): Fault => ({ rule: 'required', message: `${attribute} is required` })),
  ];
}

function valueFaults(
  point: ReceivedPoint,
  { instrument, explicit_bucket_boundaries }: MetricDefinition,
): Fault[] {
  const faults: Fault[] = [];
  if (point.value < 0) faults.push({ rule: 'metric', message: `its value is negative: ${point.value}` });
  if (instrument === 'counter' && !Number.isInteger(point.value))
    faults.push({ rule: 'metric', message: `its value must be an integer, not ${point.value}` });
  if (instrument === 'histogram' && show(point.bounds) !== show(explicit_bucket_boundaries))
    faults.push({
      rule: 'metric',
      message: `its boundaries must be ${show(explicit_bucket_boundaries)}, not ${show(point.bounds)}`,
    });
  return faults;
}
