import shimmer from 'shimmer';
import { isMethod, type Method, type Methods } from '../../support/wrap';

/**
 * What wrappers of the official instrumentation contain, published or minified. A minifier keeps the names of methods and
 * shortens those of variables. The last alternative is the output of its compiler.
 */
const OFFICIAL = new RegExp(
  [
    String.raw`(?<![\w$])(?:instrumentation|[\w$]{1,3})\.(?:_setKafkaEventListeners|_startProducerSpan|_getProducerSendPatch|_getConsumerEachMessagePatch\(this)\b`,
    String.raw`(?<![\w$])(?:instrumentation|[\w$]{1,3})\.tracer\.startSpan\([^]*\._getSendPatch\b`,
    String.raw`\binstrumentation_1\.isWrapped\b[^]*\binstrumentation\._get`,
  ].join('|'),
);

/**
 * What older wrappers contain when minified. Sentry 10 has a copy of these, whose spans and headers its users want. Ours are
 * stacked on it, as on Sentry 11, which has no wrapper.
 */
const OFFICIAL_OR_SENTRY =
  /(?<![\w$])(?:instrumentation|[\w$]{1,3})\._(?:getProducerTransactionPatch|getConsumerRunPatch|getConsumerEachMessagePatch|getSendPatch)\b/;

function isOfficialSource(source: string): boolean {
  return OFFICIAL.test(source) || (OFFICIAL_OR_SENTRY.test(source) && !('__SENTRY__' in globalThis));
}

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
