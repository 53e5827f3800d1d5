import shimmer from 'shimmer';
import { isMethod, type Method, type Methods } from '../../support/wrap';

/**
 * Code that the wrappers of the official instrumentation contain, as published or minified. A minifier keeps the names of
 * methods and shortens the names of variables. The last alternative matches the output of the official instrumentation's
 * compiler.
 */
const OFFICIAL = new RegExp(
  [
    String.raw`(?<![\w$])(?:instrumentation|[\w$]{1,3})\.(?:_setKafkaEventListeners|_startProducerSpan|_getProducerSendPatch|_getConsumerEachMessagePatch\(this)\b`,
    String.raw`(?<![\w$])(?:instrumentation|[\w$]{1,3})\.tracer\.startSpan\([^]*\._getSendPatch\b`,
    String.raw`\binstrumentation_1\.isWrapped\b[^]*\binstrumentation\._get`,
  ].join('|'),
);

/**
 * Code of older official wrappers after minification. Sentry 10 contains a copy of them. Its users want Sentry's spans and
 * headers, so that copy is not removed, and our wrappers are put on top of it. Sentry 11 has no wrapper.
 */
const OFFICIAL_OR_SENTRY =
  /(?<![\w$])(?:instrumentation|[\w$]{1,3})\._(?:getProducerTransactionPatch|getConsumerRunPatch|getConsumerEachMessagePatch|getSendPatch)\b/;

function isOfficialSource(source: string): boolean {
  return OFFICIAL.test(source) || (OFFICIAL_OR_SENTRY.test(source) && !('__SENTRY__' in globalThis));
}

/**
 * True if the outermost layer of a method is a wrapper of `@opentelemetry/instrumentation-kafkajs`. With that wrapper and
 * ours, every message would get two spans. Other wrappers are never removed: ours is put on top of them.
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
