import {
  ROOT_CONTEXT,
  context as contextApi,
  propagation,
  trace,
  type Context,
  type SpanContext,
  type TextMapSetter,
} from '@opentelemetry/api';
import { copyMessage, headerRecord, ownHeaders, spread } from '../support/copies';
import { attempt, packageLogging } from '../support/guard';
import { sharedState } from '../support/shared-state';
import { extractFrom, handledOrigin, hasTraceKey, originOf, propagationKeys, type Headers } from './extract';

export type TraceHeaders = Readonly<Record<string, string>>;

/**
 * Longer header values are not injected, because messages could become too large for the broker. The limit is the W3C
 * limit for baggage, in UTF-8 bytes.
 */
export const MAX_INJECTED_BYTES = 8192;

/** The headers that the propagators write for a context. Called once per context, even if many messages carry it. */
export function traceHeadersOf(context: Context): TraceHeaders {
  const headers: Record<string, string> = {};
  propagation.inject(context, headers, setter);
  return headers;
}

const setter: TextMapSetter<Record<string, string>> = {
  set(headers, field, value) {
    if (isWithinLimit(value)) headers[field] = value;
  },
};

/** Each UTF-16 unit becomes at most three bytes in UTF-8, so the bytes of a short value need not be counted. */
function isWithinLimit(value: unknown): boolean {
  if (typeof value === 'string' && value.length * 3 <= MAX_INJECTED_BYTES) return true;
  return Buffer.byteLength(value as string) <= MAX_INJECTED_BYTES;
}

/**
 * Returns a copy of the message with these trace headers. Existing trace headers of the message are replaced, in any letter
 * case. Returns the message itself if there is nothing to write, or if the client library will refuse the message's headers.
 */
export function withTraceHeaders<Message extends object>(message: Message, added: TraceHeaders): Message {
  if (isEmpty(added)) return message;
  const headers = ownHeaders(message);
  if (headers === undefined) return copyMessage(message, { ...added });
  const record = headerRecord(headers);
  return record ? copyMessage(message, spread(withoutStale(record, added), added)) : message;
}

function withoutStale(headers: Record<string, unknown>, added: TraceHeaders): Record<string, unknown> {
  const stale = staleKeys(headers, added);
  if (stale.length === 0) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([key]) => !stale.includes(key)));
}

/** The keys of existing trace headers that the added headers replace. */
export function staleKeys(headers: Headers, added: TraceHeaders): readonly string[] {
  const stale = propagationKeys(headers);
  // If a message has baggage but no trace headers, the program wrote the baggage. Keep it, unless we write baggage too.
  return stale.length === 0 || hasTraceKey(stale) ? stale : propagationKeys(headers, Object.keys(added));
}

function isEmpty(headers: TraceHeaders): boolean {
  for (const _ in headers) return false;
  return true;
}

/** The headers objects that `propagateContext` created. With the option `existingContext: 'auto'`, a later send keeps them. */
const written = sharedState('propagated', () => new WeakSet());

export function isWrittenByPropagateContext(headers: object): boolean {
  return written.has(headers);
}

/**
 * Copies a message and writes a trace context into the headers of the copy. Use it for messages that are stored first
 * and sent later (an outbox table), or that must continue another trace than the active one. A later `send()` keeps
 * these headers and links to them.
 *
 * @param message - a message for `producer.send()`; it is not changed
 * @param context - the context to write; the active one by default
 * @returns a new message; if there is nothing to write (no SDK, no span), it has the same headers as the original
 * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/#producer-spans}
 */
export function propagateContext<Message extends object>(message: Message, context?: Context): Message {
  const copy = attempt(packageLogging, 'propagateContext', () =>
    withTraceHeaders(message, traceHeadersOf(context ?? contextApi.active())),
  );
  if (copy === undefined || copy === message) return copyMessage(message);
  const headers = headerRecord(ownHeaders(copy));
  if (headers) written.add(headers);
  return copy;
}

/**
 * The span contexts of messages that keep their existing trace headers, by index of the message. `undefined` in the
 * usual case: all messages get new headers.
 */
export function keptContexts(
  reader: { headers(message: unknown): Headers | undefined },
  messages: readonly unknown[],
  policy: 'auto' | 'keep' | 'replace',
  active: Context,
): (SpanContext | undefined)[] | undefined {
  if (policy === 'replace') return undefined;
  // `fields()` creates a new list at each call, so it is called only if a message has headers.
  let fields: readonly string[] | undefined;
  let kept: (SpanContext | undefined)[] | undefined;
  for (let index = 0; index < messages.length; index++) {
    const headers = reader.headers(messages[index]);
    if (!headers || !hasTraceKey(propagationKeys(headers, (fields ??= propagation.fields())))) continue;
    const existing = originOf(extractFrom(headers, ROOT_CONTEXT));
    if (!existing) continue;
    if (policy === 'auto' && !isWrittenByPropagateContext(headers) && !isForeign(existing, active)) continue;
    kept ??= new Array<SpanContext | undefined>(messages.length);
    kept[index] = existing;
  }
  return kept;
}

/**
 * True if the message got its trace headers earlier, for example because it was stored in an outbox table. False if
 * they belong to the active trace, or were copied from the message that the handler is processing.
 */
function isForeign(existing: SpanContext, active: Context): boolean {
  if (trace.getSpanContext(active)?.traceId === existing.traceId) return false;
  const handled = handledOrigin(active);
  if (!handled) return true;
  return 'has' in handled
    ? !handled.has(existing)
    : handled.spanId !== existing.spanId || handled.traceId !== existing.traceId;
}
