import shimmer from 'shimmer';
import { isMethod, type Method, type Methods } from './types';

/**
 * Replaces a method by a wrapper that looks like it.
 *
 * @returns what puts the original back, if by then nobody else has wrapped ours; otherwise ours stays and passes through
 */
export function wrapMethod(owner: Methods, name: string, wrapper: (original: Method) => Method): () => void {
  const original = owner[name];
  if (!isMethod(original)) return () => undefined;
  const isInherited = !Object.hasOwn(owner, name);
  shimmer.wrap(owner as Record<string, Method>, name, wrapper);
  const wrapped = owner[name] as Method;
  lookLike(original, wrapped);
  // OpenTelemetry instrumentations evict whatever carries this mark before they wrap it themselves.
  Reflect.deleteProperty(wrapped, '__wrapped');
  return () => {
    if (owner[name] !== wrapped) return;
    if (isInherited) Reflect.deleteProperty(owner, name);
    else shimmer.unwrap(owner as Record<string, Method>, name);
  };
}

/** Gives a function the name and the number of parameters that another has. */
export function lookLike(original: Method, wrapper: Method): Method {
  Object.defineProperty(wrapper, 'name', { value: original.name, configurable: true });
  return Object.defineProperty(wrapper, 'length', { value: original.length, configurable: true });
}

/**
 * What the wrappers of the official instrumentation contain, as it is published or minified: a minifier keeps the names of methods,
 * and makes that of the variable short. The last alternative is its compiler's.
 */
const OFFICIAL = new RegExp(
  [
    String.raw`(?<![\w$])(?:instrumentation|[\w$]{1,3})\.(?:_setKafkaEventListeners|_startProducerSpan|_getProducerSendPatch|_getConsumerEachMessagePatch\(this)\b`,
    String.raw`(?<![\w$])(?:instrumentation|[\w$]{1,3})\.tracer\.startSpan\([^]*\._getSendPatch\b`,
    String.raw`\binstrumentation_1\.isWrapped\b[^]*\binstrumentation\._get`,
  ].join('|'),
);

/**
 * What they contain if they are minified and older. Sentry 10 has a copy of these, with spans and headers of its own, which its
 * users want; as in Sentry 11, where no wrapper is in sight, ours stacks with it.
 */
const OFFICIAL_OR_SENTRY =
  /(?<![\w$])(?:instrumentation|[\w$]{1,3})\._(?:getProducerTransactionPatch|getConsumerRunPatch|getConsumerEachMessagePatch|getSendPatch)\b/;

function isOfficialSource(source: string): boolean {
  return OFFICIAL.test(source) || (OFFICIAL_OR_SENTRY.test(source) && !('__SENTRY__' in globalThis));
}

/**
 * Whether a method is, outermost, a wrapper of `@opentelemetry/instrumentation-kafkajs`. Together with ours every message
 * would have two spans; any other wrapper (another vendor's, a company's own) is stacked on, never removed.
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

/** Removes the official instrumentation's wrapper from a method; says whether there was one. */
export function evictOfficial(owner: Methods, name: string): boolean {
  const method = owner[name];
  if (!isOfficialWrapper(method)) return false;
  shimmer.unwrap(owner as Record<string, Method>, name);
  return owner[name] !== method;
}
