import { context as contextApi, propagation, type Context, type TextMapSetter } from '@opentelemetry/api';
import { shared } from '../shared';
import { copyOf, headerRecord, ownHeaders, spread } from './copies';
import { hasTraceKey, propagationKeys } from './headers';
import { REPORT } from './report';
import { attempt } from '../telemetry/telemetry';

/** Trace headers of one context, ready to be spread into any number of messages. */
export type Carrier = Readonly<Record<string, string>>;

/**
 * The largest single value that is injected, in UTF-8 bytes: the W3C limit for baggage. A header that is larger is left
 * out, since it would push every message towards the broker's size limit.
 */
export const MAX_VALUE_BYTES = 8192;

/** What the propagators write for a context. Run once per span context, however many messages carry it. */
export function carrierOf(context: Context): Carrier {
  const carrier: Record<string, string> = {};
  propagation.inject(context, carrier, setter);
  return carrier;
}

const setter: TextMapSetter<Record<string, string>> = {
  set(carrier, field, value) {
    if (isWithinLimit(value)) carrier[field] = value;
  },
};

/** Counting bytes leaves JavaScript; a UTF-16 unit makes three of them at most, which settles it for what is short. */
function isWithinLimit(value: unknown): boolean {
  if (typeof value === 'string' && value.length * 3 <= MAX_VALUE_BYTES) return true;
  return Buffer.byteLength(value as string) <= MAX_VALUE_BYTES;
}

/**
 * A copy of the message that carries these trace headers and no others of any spelling. The message itself where there is
 * nothing to write or where its headers are such that only kafkajs can say what is wrong with them.
 */
export function injectInto<Message extends object>(message: Message, carrier: Carrier): Message {
  if (isEmpty(carrier)) return message;
  const headers = ownHeaders(message);
  if (headers === undefined) return copyOf(message, { ...carrier });
  const record = headerRecord(headers);
  return record ? copyOf(message, spread(withoutStale(record, carrier), carrier)) : message;
}

function withoutStale(headers: Record<string, unknown>, carrier: Carrier): Record<string, unknown> {
  const stale = propagationKeys(headers);
  if (stale.length === 0) return headers;
  // Without a trace header of its own, a message's baggage is the program's data, and stays unless ours replaces it.
  const replaced = hasTraceKey(stale) ? stale : propagationKeys(headers, Object.keys(carrier));
  return Object.fromEntries(Object.entries(headers).filter(([key]) => !replaced.includes(key)));
}

function isEmpty(carrier: Carrier): boolean {
  for (const _ in carrier) return false;
  return true;
}

/** Headers that `propagateContext` wrote: a send keeps these whatever else it finds. */
const written = shared('propagated', () => new WeakSet());

export function isPropagated(headers: object): boolean {
  return written.has(headers);
}

/**
 * A copy of a message whose headers carry a trace context, for messages that are stored first and sent later (an outbox
 * table) or sent on behalf of another context. A later `send()` keeps these headers and links to them.
 *
 * @param message - a message for `producer.send()`; it is not changed
 * @param context - the context to write; by default the active one
 * @returns a new message; where there is nothing to write (no SDK, no span) its headers equal the original's
 * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/#producer-spans}
 */
export function propagateContext<Message extends object>(message: Message, context?: Context): Message {
  const copy = attempt(REPORT, 'propagateContext', () =>
    injectInto(message, carrierOf(context ?? contextApi.active())),
  );
  if (copy === undefined || copy === message) return copyOf(message);
  const headers = headerRecord(ownHeaders(copy));
  if (headers) written.add(headers);
  return copy;
}
