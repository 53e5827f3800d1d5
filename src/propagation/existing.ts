import { ROOT_CONTEXT, propagation, trace, type Context, type SpanContext } from '@opentelemetry/api';
import { extractFrom, handledOrigin, hasTraceKey, originOf, propagationKeys, type Headers } from './extract';
import { isWrittenByPropagateContext } from './inject';

/**
 * The span contexts of messages that keep the trace headers they already have, by index. `undefined` if all of them get new
 * headers, the usual case, which costs one look at the names of each message's headers.
 */
export function keptContexts(
  reader: { headers(message: unknown): Headers | undefined },
  messages: readonly unknown[],
  policy: 'auto' | 'keep' | 'replace',
  active: Context,
): (SpanContext | undefined)[] | undefined {
  if (policy === 'replace') return undefined;
  // Read when the first message has headers: a propagator builds a new list at each call.
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
 * True if a context in a message's headers was made for it (an outbox row, a replay). False if it comes from what the
 * program does now: a forwarded message, or copied HTTP headers.
 */
function isForeign(existing: SpanContext, active: Context): boolean {
  if (trace.getSpanContext(active)?.traceId === existing.traceId) return false;
  const handled = handledOrigin(active);
  if (!handled) return true;
  return 'has' in handled
    ? !handled.has(existing)
    : handled.spanId !== existing.spanId || handled.traceId !== existing.traceId;
}
