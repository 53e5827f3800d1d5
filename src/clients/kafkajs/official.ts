import shimmer from 'shimmer';
import { isMethod, type Method, type Methods } from '../../support/wrap';

/**
 * Matches the source code of the official instrumentation's wrappers. Minified code matches too, because a minifier keeps
 * method names and shortens only variable names. The last alternative matches the code as published on npm.
 */
const OFFICIAL = new RegExp(
  [
    String.raw`(?<![\w$])(?:instrumentation|[\w$]{1,3})\.(?:_setKafkaEventListeners|_startProducerSpan|_getProducerSendPatch|_getConsumerEachMessagePatch\(this)\b`,
    String.raw`(?<![\w$])(?:instrumentation|[\w$]{1,3})\.tracer\.startSpan\([^]*\._getSendPatch\b`,
    String.raw`\binstrumentation_1\.isWrapped\b[^]*\binstrumentation\._get`,
  ].join('|'),
);

/**
 * Matches minified wrappers of older official releases, and also the copies of these wrappers in Sentry 10. Sentry's
 * wrappers are not removed, because users of Sentry want its spans and headers. Sentry 11 has no such wrappers.
 */
const OFFICIAL_OR_SENTRY =
  /(?<![\w$])(?:instrumentation|[\w$]{1,3})\._(?:getProducerTransactionPatch|getConsumerRunPatch|getConsumerEachMessagePatch|getSendPatch)\b/;

function isOfficialSource(source: string): boolean {
  return OFFICIAL.test(source) || (OFFICIAL_OR_SENTRY.test(source) && !('__SENTRY__' in globalThis));
}

/**
 * True if the outermost wrapper of a method comes from `@opentelemetry/instrumentation-kafkajs`. Together with our wrapper,
 * it would create two spans per message. Wrappers of other packages are never removed.
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

export function evictOfficial(owner: Methods, name: string): boolean {
  const method = owner[name];
  if (!isOfficialWrapper(method)) return false;
  shimmer.unwrap(owner as Record<string, Method>, name);
  return owner[name] !== method;
}
