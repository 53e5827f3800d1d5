/**
 * Computes the names that OTLP metrics and attributes get in Prometheus. Follows OpenTelemetry's specification and the
 * default setting of Prometheus 3 (`UnderscoreEscapingWithSuffixes`).
 */
import type { ReceivedMetric } from '../otlp';

/** Units of OpenTelemetry's conventions and their names in Prometheus. Other units keep their names. */
const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  '%': 'percent',
  Hz: 'hertz',
  Cel: 'celsius',
};

/** Names of units after a slash: `By/s` becomes `bytes_per_second`. */
const PER: Readonly<Record<string, string>> = { s: 'second', min: 'minute', h: 'hour', d: 'day' };

/**
 * Returns the name that a metric gets in Prometheus: the name with its unit, and with `_total` for a counter. For a
 * histogram, the caller must add `_bucket`, `_sum` or `_count`.
 */
export function metricName({
  name,
  unit,
  kind,
  monotonic,
}: Pick<ReceivedMetric, 'name' | 'unit' | 'kind' | 'monotonic'>): string {
  const isCounter = kind === 'sum' && monotonic;
  const words = name.split(/[^a-zA-Z0-9:]+/).filter(word => word !== '');
  const add = (word: string): void => {
    if (word !== '' && !words.includes(word)) words.push(word);
  };
  const [whole = '', part = ''] = unit.split('/', 2).map(side => (side.includes('{') ? '' : side.trim()));
  // A gauge with the unit `1` gets the suffix `ratio`. A counter with the unit `1` gets no suffix for its unit.
  if (unit === '1') add(kind === 'gauge' ? 'ratio' : '');
  else add(cleaned(UNITS[whole] ?? whole));
  if (part !== '') {
    add('per');
    add(cleaned(PER[part] ?? part));
  }
  const named = isCounter ? [...words.filter(word => word !== 'total'), 'total'] : words;
  const joined = named.join('_');
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

/** Converts an attribute name to a label. A label must not start with a digit. */
export function labelName(attribute: string): string {
  const name = attribute.replace(/[^a-zA-Z0-9_]/g, '_');
  return /^\d/.test(name) ? `key_${name}` : name;
}

const cleaned = (unit: string): string => unit.replace(/[^a-zA-Z0-9]+/g, '_').replace(/^_|_$/g, '');
