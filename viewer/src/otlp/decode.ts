/**
 * Decodes OTLP export requests (JSON) into flat objects, which are easy to compare and print.
 *
 * In OTLP/JSON, ids are hexadecimal, 64-bit integers may be strings, and enums are numbers. A missing field has its
 * default value in protobuf.
 */

export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value };

export type Attributes = Readonly<Record<string, Value>>;
export type SpanKind = 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER' | 'UNSPECIFIED';
export type MetricKind = 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary';

export interface ReceivedLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: Attributes;
}

export interface ReceivedEvent {
  readonly name: string;
  /** Unix time in nanoseconds. */
  readonly time: bigint;
  readonly attributes: Attributes;
}

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for a root span. */
  readonly parentSpanId: string | undefined;
  readonly traceState: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Unix time in nanoseconds. */
  readonly start: bigint;
  /** Unix time in nanoseconds. */
  readonly end: bigint;
  readonly attributes: Attributes;
  readonly events: readonly ReceivedEvent[];
  readonly links: readonly ReceivedLink[];
  readonly status: { readonly code: 'UNSET' | 'OK' | 'ERROR'; readonly message: string };
  readonly resource: Attributes;
  /** The resource attribute `service.name`. */
  readonly service: string;
  readonly scope: string;
  readonly scopeVersion: string;
}

export interface ReceivedPoint {
  readonly attributes: Attributes;
  /** Unix time in nanoseconds. */
  readonly time: bigint;
  /** Start of the time range in which the value grew. Missing if the exporter does not report it. */
  readonly start?: bigint;
  /** Value of a sum or a gauge, or the sum of all values of a histogram. */
  readonly value: number;
  /** Only for histograms. */
  readonly count?: number;
  readonly min?: number;
  readonly max?: number;
  readonly bounds?: readonly number[];
  readonly buckets?: readonly number[];
}

/** A metric in one export. A cumulative metric is in every export, with newer values. */
export interface ReceivedMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly kind: MetricKind;
  readonly monotonic: boolean;
  readonly temporality: 'delta' | 'cumulative' | 'unspecified';
  readonly points: readonly ReceivedPoint[];
  readonly resource: Attributes;
  readonly service: string;
  readonly scope: string;
}

export interface ReceivedLog {
  /** Unix time in nanoseconds. */
  readonly time: bigint;
  /** Empty if the log record is no event. */
  readonly eventName: string;
  readonly body: Value;
  readonly severity: string;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly service: string;
  readonly scope: string;
}

/** A JSON object with unchecked fields. */
interface Json {
  readonly [key: string]: unknown;
}

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const json = (value: unknown): Json => (isJson(value) ? value : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(json) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const idOrNone = (value: unknown): string | undefined => (text(value) === '' ? undefined : text(value));
const nanos = (value: unknown): bigint =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : 0n;

function int64(value: unknown): number | bigint {
  const exact = nanos(value);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

function decodeValue(value: unknown): Value {
  const any = json(value);
  if (typeof any.stringValue === 'string') return any.stringValue;
  if (typeof any.boolValue === 'boolean') return any.boolValue;
  if (any.intValue !== undefined) return int64(any.intValue);
  if (any.doubleValue !== undefined) return Number(any.doubleValue);
  if (typeof any.bytesValue === 'string') return new Uint8Array(Buffer.from(any.bytesValue, 'base64'));
  if (any.arrayValue !== undefined) return list(json(any.arrayValue).values).map(decodeValue);
  if (any.kvlistValue !== undefined) return decodeAttributes(json(any.kvlistValue).values);
  return null;
}

function decodeAttributes(pairs: unknown): Attributes {
  return Object.fromEntries(list(pairs).map(pair => [text(pair.key), decodeValue(pair.value)]));
}

interface Scoped {
  readonly item: Json;
  readonly from: { readonly resource: Attributes; readonly service: string; readonly scope: string };
  readonly scopeVersion: string;
}

/** Lists the items of a request. Traces, metrics and logs have the same structure: resource → scope → items. */
function* scoped(body: unknown, resources: string, scopes: string, items: string): Generator<Scoped> {
  for (const perResource of list(json(body)[resources])) {
    const resource = decodeAttributes(json(perResource.resource).attributes);
    const service = text(resource['service.name']);
    for (const perScope of list(perResource[scopes])) {
      const scope = json(perScope.scope);
      const from = { resource, service, scope: text(scope.name) };
      for (const item of list(perScope[items])) yield { item, from, scopeVersion: text(scope.version) };
    }
  }
}

const SPAN_KINDS: readonly SpanKind[] = [
  'UNSPECIFIED',
  'INTERNAL',
  'SERVER',
  'CLIENT',
  'PRODUCER',
  'CONSUMER',
];
const STATUS_CODES = ['UNSET', 'OK', 'ERROR'] as const;
const TEMPORALITIES = ['unspecified', 'delta', 'cumulative'] as const;

export function decodeTraces(body: unknown): ReceivedSpan[] {
  return Array.from(scoped(body, 'resourceSpans', 'scopeSpans', 'spans'), ({ item, from, scopeVersion }) => ({
    traceId: text(item.traceId),
    spanId: text(item.spanId),
    parentSpanId: idOrNone(item.parentSpanId),
    traceState: text(item.traceState),
    name: text(item.name),
    kind: SPAN_KINDS[Number(item.kind ?? 0)] ?? 'UNSPECIFIED',
    start: nanos(item.startTimeUnixNano),
    end: nanos(item.endTimeUnixNano),
    attributes: decodeAttributes(item.attributes),
    events: list(item.events).map(event => ({
      name: text(event.name),
      time: nanos(event.timeUnixNano),
      attributes: decodeAttributes(event.attributes),
    })),
    links: list(item.links).map(link => ({
      traceId: text(link.traceId),
      spanId: text(link.spanId),
      traceState: text(link.traceState),
      attributes: decodeAttributes(link.attributes),
    })),
    status: {
      code: STATUS_CODES[Number(json(item.status).code ?? 0)] ?? 'UNSET',
      message: text(json(item.status).message),
    },
    ...from,
    scopeVersion,
  }));
}

const METRIC_KINDS: readonly MetricKind[] = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

function decodePoint(point: Json): ReceivedPoint {
  return {
    attributes: decodeAttributes(point.attributes),
    time: nanos(point.timeUnixNano),
    ...(nanos(point.startTimeUnixNano) === 0n ? {} : { start: nanos(point.startTimeUnixNano) }),
    value: Number(point.asDouble ?? point.asInt ?? point.sum ?? 0),
    ...(point.count === undefined ? {} : { count: Number(point.count) }),
    ...(point.min === undefined ? {} : { min: Number(point.min) }),
    ...(point.max === undefined ? {} : { max: Number(point.max) }),
    ...(Array.isArray(point.explicitBounds) ? { bounds: point.explicitBounds.map(Number) } : {}),
    ...(Array.isArray(point.bucketCounts) ? { buckets: point.bucketCounts.map(Number) } : {}),
  };
}

export function decodeMetrics(body: unknown): ReceivedMetric[] {
  return Array.from(scoped(body, 'resourceMetrics', 'scopeMetrics', 'metrics'), ({ item, from }) => {
    const kind = METRIC_KINDS.find(name => item[name] !== undefined) ?? 'gauge';
    const data = json(item[kind]);
    return {
      name: text(item.name),
      description: text(item.description),
      unit: text(item.unit),
      kind,
      monotonic: data.isMonotonic === true,
      temporality: TEMPORALITIES[Number(data.aggregationTemporality ?? 0)] ?? 'unspecified',
      points: list(data.dataPoints).map(decodePoint),
      ...from,
    };
  });
}

export function decodeLogs(body: unknown): ReceivedLog[] {
  return Array.from(scoped(body, 'resourceLogs', 'scopeLogs', 'logRecords'), ({ item, from }) => ({
    time: nanos(item.timeUnixNano) || nanos(item.observedTimeUnixNano),
    eventName: text(item.eventName),
    body: decodeValue(item.body),
    severity: text(item.severityText),
    traceId: idOrNone(item.traceId),
    spanId: idOrNone(item.spanId),
    attributes: decodeAttributes(item.attributes),
    ...from,
  }));
}
