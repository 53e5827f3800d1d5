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
import { isObject } from '../support/copies';
import { attempt, packageLogging } from '../support/guard';
import { PACKAGE_NAME } from '../support/version';
import { readHeaders } from './header-forms';

/**
 * Removes span and baggage from the active context. Clients run every handler in the context of the code that called
 * `run()`. The span of that code must not become the parent of the handlers' spans.
 */
export function consumerBaseContext(active: Context): Context {
  let base = active;
  if (trace.getSpan(base)) base = trace.deleteSpan(base);
  if (propagation.getBaggage(base)) base = propagation.deleteBaggage(base);
  return base;
}

/** Adds the context in the headers of a message to `base`. Returns `base` itself if the headers contain no context. */
export function extractFrom(headers: Headers | undefined, base: Context): Context {
  const found = headers && findFields(headers, propagation.fields());
  return found ? propagation.extract(base, found, fieldGetter) : base;
}

/** The producer's span context in an extracted context. `undefined` if it is not valid. */
export function originOf(context: Context): SpanContext | undefined {
  const origin = trace.getSpanContext(context);
  if (!origin) return undefined;
  const { traceId, spanId } = origin;
  // Propagators have already checked the digits. Checking them again with `isSpanContextValid` would make each message 5
  // % more expensive.
  return isValidId(traceId, INVALID_TRACEID) && isValidId(spanId, INVALID_SPANID) ? origin : undefined;
}

const isValidId = (id: string, invalid: string): boolean => id.length === invalid.length && id !== invalid;

/**
 * Reads the trace context and baggage from a message's headers. The headers may be an object, a Map, or an array of `{
 * name: value }`, with strings or bytes as values. This covers the messages of all clients and the records of AWS
 * Lambda events.
 *
 * @param message - a message as a consumer receives it, or any object with `headers`
 * @param context - the context that the result extends
 * @returns the context with remote span and baggage, or `context` itself if the headers contain neither. Headers that
 *   cannot be read are ignored and logged once
 * @see {@link https://opentelemetry.io/docs/specs/otel/context/api-propagators/#extract}
 */
export function extractContext(message: unknown, context: Context = ROOT_CONTEXT): Context {
  const extracted = attempt(packageLogging, 'extractContext', () => {
    if (message === undefined || message === null) return context;
    const headers = isObject(message) ? message['headers'] : undefined;
    if (!isObject(message) || (headers === undefined && findFields(message, propagation.fields()))) {
      packageLogging.log.warn(
        'extractContext',
        'extractContext was called with a value that is not a message, so the trace is not continued. Pass the message itself: an object with headers.',
      );
      return context;
    }
    const read = readHeaders(headers);
    if (read) reportUnreadable(read);
    return extractFrom(read, context);
  });
  return extracted ?? context;
}

function reportUnreadable(headers: Headers): void {
  const values = Object.entries(findFields(headers, propagation.fields())?.values ?? {});
  for (const [field, value] of values) {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    if (last === undefined || last === null || typeof last === 'string' || Buffer.isBuffer(last)) continue;
    packageLogging.log.warn(
      `header ${field}`,
      `the header ${field} of a message is neither text nor bytes, so it is not read. Pass its value as a string or a Buffer.`,
    );
  }
}

/** The producer span of the message that a handler is processing, or the producer spans of its batch. */
export type HandledOrigin = SpanContext | HandledBatch;

export interface HandledBatch {
  /** True if a message of the batch has this span context in its headers. */
  has(origin: SpanContext): boolean;
}

const HANDLED = createContextKey(`${PACKAGE_NAME}.handled`);

/**
 * Stores the producer span of the message that a handler is processing. If a message to send has trace headers with
 * this span, the program has copied them from the received message. So a send in the handler replaces them.
 */
export function setHandledOrigin(context: Context, handled: HandledOrigin): Context {
  return context.setValue(HANDLED, handled);
}

export function handledOrigin(active: Context): HandledOrigin | undefined {
  return active.getValue(HANDLED) as HandledOrigin | undefined;
}

/** Record headers by name. A value is a string or a Buffer. If a name repeats, its value is an array of these. */
export type Headers = Readonly<Record<string, unknown>>;

/** The header field of baggage. It contains no trace context. */
export const BAGGAGE = 'baggage';

/**
 * Longer header values are ignored, because propagators check their own limits only after they have read every byte.
 * The limit is eight times the W3C limit for baggage, in bytes.
 */
const MAX_VALUE_BYTES = 65_536;

/** A header value as text. If a name repeats, the last value is used, like `lastHeader` of the Java client. */
export function headerText(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  if (typeof last !== 'string' && !Buffer.isBuffer(last)) return undefined;
  if (last.length > MAX_VALUE_BYTES) return undefined;
  return typeof last === 'string' ? last : last.toString('utf8');
}

export interface FoundFields {
  readonly headers: Headers;
  readonly fields: readonly string[];
  /** Header values by field name, as the propagator writes the name. */
  readonly values: Headers;
}

/** `undefined` if the headers contain no field of the active propagators. */
export function findFields(headers: Headers, fields: readonly string[]): FoundFields | undefined {
  let values: Record<string, unknown> | undefined;
  for (const key in headers) {
    const field = fieldOf(key, fields);
    if (field === undefined || !Object.hasOwn(headers, key)) continue;
    values ??= {};
    // If the same header occurs with different letter cases, use the propagator's spelling, or else the first header.
    if (key === field || !Object.hasOwn(values, field)) values[field] = headers[key];
  }
  return values && { headers, fields, values };
}

export const fieldGetter: TextMapGetter<FoundFields> = {
  keys: ({ headers }) => Object.keys(headers),
  get({ headers, fields, values }, name) {
    if (Object.hasOwn(values, name)) return headerText(values[name]);
    // The headers do not contain this field. Other names are searched below, because a propagator may read names that
    // `fields()` does not list. For example, Jaeger's propagator reads every key with a certain prefix.
    if (fields.includes(name)) return undefined;
    const key = Object.hasOwn(headers, name)
      ? name
      : Object.keys(headers).find(each => isSameField(each, name));
    return key === undefined ? undefined : headerText(headers[key]);
  },
};

/** The keys of all propagator headers, spelled as in the message. */
export function propagationKeys(
  headers: Headers,
  fields: readonly string[] = propagation.fields(),
): string[] {
  return Object.keys(headers).filter(key => fieldOf(key, fields) !== undefined);
}

export function hasTraceKey(keys: readonly string[]): boolean {
  return keys.some(key => key.toLowerCase() !== BAGGAGE);
}

/** The propagator's name for a header key. Letter case is ignored, because B3 in Java writes `X-B3-TraceId`. */
export function fieldOf(key: string, fields: readonly string[]): string | undefined {
  for (const field of fields) if (isSameField(key, field)) return field;
  return undefined;
}

/** Called for every header of every message. Most headers are not fields of a propagator, so the cheap checks come first. */
const isSameField = (key: string, field: string): boolean =>
  key === field ||
  (key.length === field.length && hasSameStart(key, field) && key.toLowerCase() === field.toLowerCase());

/** A cheap check before the full comparison: false only if the first letters differ, ignoring letter case. */
const hasSameStart = (key: string, field: string): boolean => {
  const difference = key.charCodeAt(0) ^ field.charCodeAt(0);
  return difference === 0 || difference === 0x20 || difference > 0x7f;
};
