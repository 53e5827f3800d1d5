import { propagation, type TextMapGetter } from '@opentelemetry/api';

/** Record headers by name. A value is a string, a Buffer, or an array of these when a name repeats. */
export type Headers = Readonly<Record<string, unknown>>;

/** The field of baggage, which is not about a trace. */
export const BAGGAGE = 'baggage';

/**
 * Bytes of the longest value that is read, eight times what W3C allows for baggage. Propagators have limits too, but look at
 * every byte first.
 */
const MAX_VALUE_BYTES = 65_536;

/** A header value as text. The last one of a name that repeats counts, as with `lastHeader` of the Java client. */
export function headerText(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  if (typeof last !== 'string' && !Buffer.isBuffer(last)) return undefined;
  if (last.length > MAX_VALUE_BYTES) return undefined;
  return typeof last === 'string' ? last : last.toString('utf8');
}

/** Headers with the fields that the active propagators read, found in one pass. */
export interface FoundFields {
  readonly headers: Headers;
  readonly fields: readonly string[];
  /** Values by field name. */
  readonly values: Headers;
}

/** `undefined` when the headers hold no field of the active propagators. */
export function findFields(headers: Headers, fields: readonly string[]): FoundFields | undefined {
  let values: Record<string, unknown> | undefined;
  for (const key in headers) {
    const field = fieldOf(key, fields);
    if (field === undefined || !Object.hasOwn(headers, key)) continue;
    values ??= {};
    // Several spellings of one name: the exact one counts, else the first.
    if (key === field || !Object.hasOwn(values, field)) values[field] = headers[key];
  }
  return values && { headers, fields, values };
}

export const fieldGetter: TextMapGetter<FoundFields> = {
  keys: ({ headers }) => Object.keys(headers),
  get({ headers, fields, values }, name) {
    if (Object.hasOwn(values, name)) return headerText(values[name]);
    // A propagator may ask for more than its fields: Jaeger's reads every key with a prefix.
    if (fields.includes(name)) return undefined;
    const key = Object.keys(headers).find(each => isSameField(each, name));
    return key === undefined ? undefined : headerText(headers[key]);
  },
};

/** The keys, as the message spells them, that hold fields of a propagator. */
export function propagationKeys(
  headers: Headers,
  fields: readonly string[] = propagation.fields(),
): string[] {
  return Object.keys(headers).filter(key => fieldOf(key, fields) !== undefined);
}

/** True if any of the keys is about a trace and not only about baggage. */
export function hasTraceKey(keys: readonly string[]): boolean {
  return keys.some(key => key.toLowerCase() !== BAGGAGE);
}

/** The propagator's field of a header, in any letter case: Java's B3 writes `X-B3-TraceId`. */
export function fieldOf(key: string, fields: readonly string[]): string | undefined {
  for (const field of fields) if (isSameField(key, field)) return field;
  return undefined;
}

/** Called for every header of every message, nearly always with a header that is no field, so the cheap checks come first. */
const isSameField = (key: string, field: string): boolean =>
  key === field ||
  (key.length === field.length && hasSameStart(key, field) && key.toLowerCase() === field.toLowerCase());

/** False only if the first letters differ in more than their case. */
const hasSameStart = (key: string, field: string): boolean => {
  const difference = key.charCodeAt(0) ^ field.charCodeAt(0);
  return difference === 0 || difference === 0x20 || difference > 0x7f;
};
