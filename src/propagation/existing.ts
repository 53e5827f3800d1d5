import { ROOT_CONTEXT, propagation, trace, type Context, type SpanContext } from '@opentelemetry/api';
import { extractFrom, handledOrigin, hasTraceKey, originOf, propagationKeys, type Headers } from './extract';
import { isWrittenByPropagateContext } from './inject';

/**
 * By index, the span contexts of messages that keep the trace headers they already have. `undefined` if all messages get new
 * headers. In this usual case, the only cost is a look at the names of each message's headers.
 */
export function keptContexts(
  reader: { headers(message: unknown): Headers | undefined },
  messages: readonly unknown[],
  policy: 'auto' | 'keep' | 'replace',
  active: Context,
): (SpanContext | undefined)[] | undefined {
  if (policy === 'replace') return undefined;
  // Read only when a message with headers is found, because a propagator builds a new list at each call.
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
 * True if the context in a message's headers was written for that message (an outbox row, a replay). False if it comes from
 * what the program does now (a forwarded message, copied HTTP headers).
 */
function isForeign(existing: SpanContext, active: Context): boolean {
  if (trace.getSpanContext(active)?.traceId === existing.traceId) return false;
  const handled = handledOrigin(active);
  if (!handled) return true;
  return 'has' in handled
    ? !handled.has(existing)
    : handled.spanId !== existing.spanId || handled.traceId !== existing.traceId;
}
