import {
  ROOT_CONTEXT,
  createContextKey,
  propagation,
  trace,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';
import { headerRecord, ownHeaders } from './copies';
import { extractFrom, producerOf } from './extract';
import { layered } from './layered';
import { hasTraceKey, propagationKeys, type Headers } from './headers';
import { isPropagated } from './inject';
import { PACKAGE_NAME } from '../version';

/** What the running handler was given: the context that its message came with, or all those of a batch. */
export type Handled = SpanContext | HandledBatch;

export interface HandledBatch {
  /** Whether a span context is the one that some message of the batch came with. */
  has(producer: SpanContext): boolean;
}

const NOTHING = layered(ROOT_CONTEXT);
const HANDLED = createContextKey(`${PACKAGE_NAME}.handled`);

export function setHandled(context: Context, handled: Handled): Context {
  return context.setValue(HANDLED, handled);
}

/**
 * The contexts of messages that keep the trace headers they already have, by index; `undefined` where all of them get new
 * ones, which is the usual case and costs one look at the headers' keys.
 */
export function keptContexts(
  messages: readonly unknown[],
  policy: 'auto' | 'keep' | 'replace',
  active: Context,
): (SpanContext | undefined)[] | undefined {
  if (policy === 'replace') return undefined;
  // Asked for where a message has headers at all: a propagator makes a new list for everybody who asks.
  let fields: readonly string[] | undefined;
  let kept: (SpanContext | undefined)[] | undefined;
  messages.forEach((message, index) => {
    const headers =
      typeof message === 'object' && message !== null ? headerRecord(ownHeaders(message)) : undefined;
    if (!headers) return;
    const existing = existingContext(headers, (fields ??= propagation.fields()));
    if (!existing) return;
    if (policy === 'auto' && !existing.propagated && !isForeign(existing.span, active)) return;
    kept ??= new Array<SpanContext | undefined>(messages.length);
    kept[index] = existing.span;
  });
  return kept;
}

function existingContext(headers: Headers, fields: readonly string[]) {
  if (!hasTraceKey(propagationKeys(headers, fields))) return undefined;
  const span = producerOf(extractFrom({ headers }, NOTHING));
  return span && { span, propagated: isPropagated(headers) };
}

/**
 * Whether a context in a message's headers was meant for it (an outbox row, a replay) rather than carried along from what
 * the program is doing now (a forwarded message, copied HTTP headers).
 */
function isForeign(existing: SpanContext, active: Context): boolean {
  if (trace.getSpanContext(active)?.traceId === existing.traceId) return false;
  const handled = active.getValue(HANDLED) as Handled | undefined;
  if (!handled) return true;
  return 'has' in handled
    ? !handled.has(existing)
    : handled.spanId !== existing.spanId || handled.traceId !== existing.traceId;
}
