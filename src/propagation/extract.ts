import { ROOT_CONTEXT, propagation, trace, type Context, type SpanContext } from '@opentelemetry/api';
import { headerGetter, headersOf, propagationKeys, readHeader, type Headers } from './headers';
import { REPORT } from './report';
import { attempt } from '../telemetry/telemetry';

/**
 * The context that a consumer span starts from: whoever called `run()` has left a context in which kafkajs calls every
 * handler for ever, so its span and its baggage must not reach the messages. Other values in it stay.
 */
export function withoutCaller(active: Context): Context {
  let base = active;
  if (trace.getSpan(base)) base = trace.deleteSpan(base);
  if (propagation.getBaggage(base)) base = propagation.deleteBaggage(base);
  return base;
}

/** The context that a message's headers hold, laid over `base`; `base` itself when they hold none. */
export function extractFrom(message: unknown, base: Context): Context {
  const headers = headersOf(message);
  if (!headers || propagationKeys(headers).length === 0) return base;
  return propagation.extract(base, headers, headerGetter);
}

/** The span context in the headers, if it is a valid one. */
export function producerOf(context: Context): SpanContext | undefined {
  const producer = trace.getSpanContext(context);
  return producer && trace.isSpanContextValid(producer) ? producer : undefined;
}

/** The span contexts that messages of a batch came from, each once, in the order of their first message. */
export interface Producers<Message> {
  readonly distinct: readonly Producer<Message>[];
  /** Whether every message brought a context. */
  readonly complete: boolean;
}

export interface Producer<Message> {
  readonly context: Context;
  readonly span: SpanContext;
  /** The message, where the context is that of one message only. */
  readonly only: Message | undefined;
}

/**
 * Looks at every message of a batch. Messages of one send carry the same bytes, so only distinct header values are given
 * to the propagator: extracting costs many times what comparing does.
 */
export function producersOf<Message>(messages: readonly Message[], base: Context): Producers<Message> {
  const fields = propagation.fields();
  const found = new Map<string, { producer: Producer<Message> | undefined; count: number }>();
  let complete = messages.length > 0;
  for (const message of messages) {
    const headers = headersOf(message);
    const keys = headers ? propagationKeys(headers, fields) : [];
    if (!headers || keys.length === 0) {
      complete = false;
      continue;
    }
    const fingerprint = fingerprintOf(headers, keys);
    const seen = found.get(fingerprint);
    if (seen) {
      seen.count++;
      continue;
    }
    const context = propagation.extract(base, headers, headerGetter);
    const span = producerOf(context);
    if (!span) complete = false;
    found.set(fingerprint, { producer: span && { context, span, only: message }, count: 1 });
  }
  return { distinct: mergeSpans(found.values()), complete };
}

/**
 * Contexts may differ in baggage only; a link is to a span, so each span counts once. It then comes without any baggage,
 * since none is that of all its messages.
 */
function mergeSpans<Message>(
  found: Iterable<{ producer: Producer<Message> | undefined; count: number }>,
): Producer<Message>[] {
  const bySpan = new Map<string, Producer<Message>>();
  for (const { producer, count } of found) {
    if (!producer) continue;
    const id = `${producer.span.traceId}${producer.span.spanId}`;
    const known = bySpan.get(id);
    if (known)
      bySpan.set(id, { ...known, context: propagation.deleteBaggage(known.context), only: undefined });
    else bySpan.set(id, count > 1 ? { ...producer, only: undefined } : producer);
  }
  return [...bySpan.values()];
}

function fingerprintOf(headers: Headers, keys: readonly string[]): string {
  return keys.map(key => `${key}=${readHeader(headers, key) ?? ''}`).join('\n');
}

/**
 * The trace context and baggage in a message's headers.
 *
 * @param message - a message as a consumer receives it, or any object with `headers`
 * @param context - what the result is laid over
 * @returns the context with the remote span and baggage, or `context` itself where the headers hold none
 * @see {@link https://opentelemetry.io/docs/specs/otel/context/api-propagators/#extract}
 */
export function extractContext(message: unknown, context: Context = ROOT_CONTEXT): Context {
  return attempt(REPORT, 'extractContext', () => extractFrom(message, context)) ?? context;
}
