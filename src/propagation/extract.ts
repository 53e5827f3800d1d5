import {
  INVALID_SPANID,
  INVALID_TRACEID,
  ROOT_CONTEXT,
  propagation,
  trace,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';
import { isPlainObject } from '../support/copies';
import { attempt, packageLogging } from '../support/guard';
import { fieldGetter, findFields, type Headers } from './headers';

/**
 * The active context without its span and baggage. Client libraries run every handler in the context of whoever called
 * `run()`, and that request must not leak into the messages. Other values stay.
 */
export function consumerBaseContext(active: Context): Context {
  let base = active;
  if (trace.getSpan(base)) base = trace.deleteSpan(base);
  if (propagation.getBaggage(base)) base = propagation.deleteBaggage(base);
  return base;
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
