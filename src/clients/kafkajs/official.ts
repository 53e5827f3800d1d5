import shimmer from 'shimmer';
import { isMethod, type Method, type Methods } from '../../support/wrap';

/**
 * Matches the source code of the official instrumentation's wrappers, also if it is minified: a minifier keeps method names
 * and shortens variable names. The last alternative matches the code as published on npm.
 */
const OFFICIAL = new RegExp(
  [
    String.raw`(?<![\w$])(?:instrumentation|[\w$]{1,3})\.(?:_setKafkaEventListeners|_startProducerSpan|_getProducerSendPatch|_getConsumerEachMessagePatch\(this)\b`,
    String.raw`(?<![\w$])(?:instrumentation|[\w$]{1,3})\.tracer\.startSpan\([^]*\._getSendPatch\b`,
    String.raw`\binstrumentation_1\.isWrapped\b[^]*\binstrumentation\._get`,
  ].join('|'),
);

/**
 * Matches minified code of older official wrappers. Sentry 10 contains a copy of them. Sentry's users want its spans and
 * headers, so Sentry's wrappers are not removed, and ours go on top of them. Sentry 11 has no wrappers.
 */
const OFFICIAL_OR_SENTRY =
  /(?<![\w$])(?:instrumentation|[\w$]{1,3})\._(?:getProducerTransactionPatch|getConsumerRunPatch|getConsumerEachMessagePatch|getSendPatch)\b/;

function isOfficialSource(source: string): boolean {
  return OFFICIAL.test(source) || (OFFICIAL_OR_SENTRY.test(source) && !('__SENTRY__' in globalThis));
}

/**
 * True if the outermost layer of a method is a wrapper of `@opentelemetry/instrumentation-kafkajs`. With that wrapper and
 * ours, every message would get two spans. Wrappers of other code are never removed. Our wrapper goes on top of them.
 */
export function isOfficialWrapper(method: unknown): boolean {
  const marks = method as { __wrapped?: unknown; __unwrap?: unknown } | undefined;
  return (
    isMethod(method) &&
    marks?.__wrapped === true &&
    typeof marks.__unwrap === 'function' &&
    isOfficialSource(Function.prototype.toString.call(method))
  );
}

/** Removes the official instrumentation's wrapper from a method. Returns whether there was one. */
export function evictOfficial(owner: Methods, name: string): boolean {
  const method = owner[name];
  if (!isOfficialWrapper(method)) return false;
  shimmer.unwrap(owner as Record<string, Method>, name);
  return owner[name] !== method;
}
