/**
 * Prometheus names of OTLP metrics and attributes, by OpenTelemetry's compatibility specification with the default strategy of
 * Prometheus 3 (`UnderscoreEscapingWithSuffixes`).
 */
import type { ReceivedMetric } from '../otlp';

/** UCUM units used by OpenTelemetry's conventions. Other units keep their spelling. */
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

/** Units of a rate: `By/s` is `bytes_per_second`. */
const PER: Readonly<Record<string, string>> = { s: 'second', min: 'minute', h: 'hour', d: 'day' };

/** The name with its unit, and `_total` for counters. For a histogram, the name before `_bucket`, `_sum` and `_count`. */
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
  // The unit `1` of a gauge is a ratio; that of a counter is a plain count.
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

/** A label must not begin with a digit. */
export function labelName(attribute: string): string {
  const name = attribute.replace(/[^a-zA-Z0-9_]/g, '_');
  return /^\d/.test(name) ? `key_${name}` : name;
}

const cleaned = (unit: string): string => unit.replace(/[^a-zA-Z0-9]+/g, '_').replace(/^_|_$/g, '');
