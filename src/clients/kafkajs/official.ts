import shimmer from 'shimmer';
import { isMethod, type Method, type Methods } from '../../support/wrap';

/**
 * Methods that wrappers of the official instrumentation call, in every version since 0.1 and nowhere else. A minifier keeps
 * their names and shortens the variable's.
 */
const OFFICIAL =
  /(?<![\w$])(?:instrumentation|[\w$]{1,3})\._(getProducerTransactionPatch|getConsumerRunPatch|getConsumerEachMessagePatch|getSendPatch|startProducerSpan)\b/;

/**
 * True if a method is, outermost, a wrapper of `@opentelemetry/instrumentation-kafkajs`. Together with ours every message
 * would get two spans. Any other wrapper is stacked on, never removed.
 */
export function isOfficialWrapper(method: unknown): boolean {
  const marks = method as { __wrapped?: unknown; __unwrap?: unknown } | undefined;
  return (
    isMethod(method) &&
    marks?.__wrapped === true &&
    typeof marks.__unwrap === 'function' &&
    OFFICIAL.test(Function.prototype.toString.call(method))
  );
}

/** Removes the official instrumentation's wrapper from a method. Returns whether there was one. */
export function evictOfficial(owner: Methods, name: string): boolean {
  const method = owner[name];
  if (!isOfficialWrapper(method)) return false;
  shimmer.unwrap(owner as Record<string, Method>, name);
  return owner[name] !== method;
}
