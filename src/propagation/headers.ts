import { propagation, type TextMapGetter } from '@opentelemetry/api';

/** kafkajs headers as they may arrive: what types promise and what strangers send are two things. */
export type Headers = Readonly<Record<string, unknown>>;

/** The field of baggage, which says nothing about a trace. */
const BAGGAGE = 'baggage';

/**
 * An object literal or a null-prototype object, of whatever realm. kafkajs encodes nothing else sensibly as headers, so
 * nothing else is touched.
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf'))
  );
}

/** The headers of a message, if they are such that a propagator can read them. */
export function headersOf(message: unknown): Headers | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { headers } = message as { headers?: unknown };
  return isPlainObject(headers) ? headers : undefined;
}

/**
 * One value of a header as text. A key that repeats on the wire arrives as an array: the last one counts, as in the Java
 * client's `lastHeader`.
 */
function text(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  if (typeof last === 'string') return last;
  return Buffer.isBuffer(last) ? last.toString('utf8') : undefined;
}

/** Reads a propagation field. Kafka keeps the case of a key, and Java's B3 writes `X-B3-TraceId`. */
export function readHeader(headers: Headers, field: string): string | undefined {
  if (Object.hasOwn(headers, field)) return text(headers[field]);
  const lower = field.toLowerCase();
  const key = Object.keys(headers).find(candidate => candidate.toLowerCase() === lower);
  return key === undefined ? undefined : text(headers[key]);
}

export const headerGetter: TextMapGetter<Headers> = {
  keys: headers => Object.keys(headers),
  get: readHeader,
};

/** The keys, in the message's own spelling, under which the active propagators keep something. */
export function propagationKeys(
  headers: Headers,
  fields: readonly string[] = propagation.fields(),
): string[] {
  return Object.keys(headers).filter(key => isField(key, fields));
}

/** Whether any of the keys is about a trace rather than about baggage. */
export function hasTraceKey(keys: readonly string[]): boolean {
  return keys.some(key => key.toLowerCase() !== BAGGAGE);
}

function isField(key: string, fields: readonly string[]): boolean {
  for (const field of fields) {
    if (field === key) return true;
    // Lengths first: it is asked of every header of every message.
    if (field.length === key.length && field.toLowerCase() === key.toLowerCase()) return true;
  }
  return false;
}
