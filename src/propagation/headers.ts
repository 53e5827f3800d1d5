import { propagation, type TextMapGetter } from '@opentelemetry/api';

/** kafkajs headers as they may arrive: what types promise and what strangers send are two things. */
export type Headers = Readonly<Record<string, unknown>>;

/** The field of baggage, which says nothing about a trace. */
export const BAGGAGE = 'baggage';

/** An object literal or a null-prototype object, of whatever realm. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Nearly always: looking at what a prototype is costs more than all else that is asked of a message's headers.
  if (prototype === Object.prototype) return true;
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
 * The longest value that is read, in bytes: eight times what W3C lets baggage have. Propagators have limits of their own, but
 * look at every byte first, and a stranger's record may have megabytes of them.
 */
const MAX_VALUE_READ = 65_536;

/**
 * One value of a header as text. A key that repeats on the wire arrives as an array: the last one counts, as in the Java
 * client's `lastHeader`.
 */
export function text(value: unknown): string | undefined {
  const given = readable(value);
  return typeof given === 'string' ? given : given?.toString('utf8');
}

/** The same as it came, not decoded. */
export function readable(value: unknown): string | Buffer | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  if (typeof last !== 'string' && !Buffer.isBuffer(last)) return undefined;
  return last.length <= MAX_VALUE_READ ? last : undefined;
}

/** Reads a propagation field. Kafka keeps the case of a key, and Java's B3 writes `X-B3-TraceId`. */
export function readHeader(headers: Headers, field: string): string | undefined {
  if (Object.hasOwn(headers, field)) return text(headers[field]);
  for (const key in headers)
    if (isSameField(key, field) && Object.hasOwn(headers, key)) return text(headers[key]);
  return undefined;
}

/** The headers of a message, as propagators get to read them. */
export interface Found {
  readonly headers: Headers;
  /** What was looked for in them. */
  readonly fields: readonly string[];
  /** Its key, where just one of the fields is there: a propagator asks for all, and need not search for those that are not. */
  readonly only: string | undefined;
}

/** What the active propagators find in headers; `undefined` where that is nothing. A list of keys would be made for every message. */
export function findFields(headers: Headers, fields: readonly string[]): Found | undefined {
  let only: string | undefined;
  let count = 0;
  for (const key in headers) {
    if (!isField(key, fields) || !Object.hasOwn(headers, key)) continue;
    only = key;
    count++;
  }
  return count === 0 ? undefined : { headers, fields, only: count === 1 ? only : undefined };
}

export const fieldGetter: TextMapGetter<Found> = {
  keys: ({ headers }) => Object.keys(headers),
  get({ headers, fields, only }, field) {
    if (only === undefined || !fields.includes(field)) return readHeader(headers, field);
    return isSameField(only, field) ? text(headers[only]) : undefined;
  },
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

export function isField(key: string, fields: readonly string[]): boolean {
  for (const field of fields) if (isSameField(key, field)) return true;
  return false;
}

/** What costs least comes first: it is asked of every header of every message, and nearly all are none. */
export const isSameField = (key: string, field: string): boolean =>
  key === field ||
  (key.length === field.length && startsAlike(key, field) && key.toLowerCase() === field.toLowerCase());

/** The bit that tells a letter from its capital does not count; anything that is not ASCII may have either. */
const startsAlike = (key: string, field: string): boolean => {
  const difference = key.charCodeAt(0) ^ field.charCodeAt(0);
  return difference === 0 || difference === 0x20 || difference > 0x7f;
};
