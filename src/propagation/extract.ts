import {
  INVALID_SPANID,
  INVALID_TRACEID,
  ROOT_CONTEXT,
  createContextKey,
  propagation,
  trace,
  type Context,
  type SpanContext,
  type TextMapGetter,
} from '@opentelemetry/api';
import { isPlainObject } from '../support/copies';
import { attempt, packageLogging } from '../support/guard';
import { PACKAGE_NAME } from '../support/version';
import { layered } from './layered-context';

/**
 * The active context without its span and baggage. Client libraries run every handler in the context of whoever called
 * `run()`, and that request must not leak into the messages. Other values stay.
 */
export function consumerBaseContext(active: Context): Context {
  let base = active;
  if (trace.getSpan(base)) base = trace.deleteSpan(base);
  if (propagation.getBaggage(base)) base = propagation.deleteBaggage(base);
  return layered(base);
}

/** The context in the headers of a message, over `base`. Returns `base` itself if they hold none. */
export function extractFrom(headers: Headers | undefined, base: Context): Context {
  const found = headers && findFields(headers, propagation.fields());
  return found ? propagation.extract(base, found, fieldGetter) : base;
}

/** The valid span context in an extracted context: where the message came from. */
export function originOf(context: Context): SpanContext | undefined {
  const origin = trace.getSpanContext(context);
  if (!origin) return undefined;
  const { traceId, spanId } = origin;
  // Propagators check for hexadecimal digits. Checking each again, as `isSpanContextValid` does, cost 5 % of a message.
  return isValidId(traceId, INVALID_TRACEID) && isValidId(spanId, INVALID_SPANID) ? origin : undefined;
}

const isValidId = (id: string, invalid: string): boolean => id.length === invalid.length && id !== invalid;

/**
 * Reads the trace context and baggage in a message's headers.
 *
 * @param message - a message as a consumer receives it, or any object with `headers`
 * @param context - the context that the result extends
 * @returns the context with remote span and baggage; `context` itself if the headers hold none
 * @see {@link https://opentelemetry.io/docs/specs/otel/context/api-propagators/#extract}
 */
export function extractContext(message: unknown, context: Context = ROOT_CONTEXT): Context {
  const extracted = attempt(packageLogging, 'extractContext', () => {
    const { headers } = (message ?? {}) as { headers?: unknown };
    return extractFrom(isPlainObject(headers) ? headers : undefined, context);
  });
  return extracted ?? context;
}

/** The origin of the message that the running handler got, or the origins of its batch. */
export type HandledOrigin = SpanContext | HandledBatch;

export interface HandledBatch {
  /** True if a message of the batch came with this span context. */
  has(origin: SpanContext): boolean;
}

const HANDLED = createContextKey(`${PACKAGE_NAME}.handled`);

/** Recorded so that a forwarded message is not mistaken for an outbox row. */
export function setHandledOrigin(context: Context, handled: HandledOrigin): Context {
  return context.setValue(HANDLED, handled);
}

export function handledOrigin(active: Context): HandledOrigin | undefined {
  return active.getValue(HANDLED) as HandledOrigin | undefined;
}

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
    const key = Object.hasOwn(headers, name)
      ? name
      : Object.keys(headers).find(each => isSameField(each, name));
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
