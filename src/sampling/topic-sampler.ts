import {
  TraceFlags,
  isValidTraceId,
  trace,
  type Attributes,
  type Context,
  type Link,
  type SpanKind,
} from '@opentelemetry/api';
import { rememberByTopic, topicMatcher } from '../config/topics';
import type { TopicPattern } from '../config/options';
import { destinationOf } from '../semconv/vocabulary';

/** Values of the SDK's enum `SamplingDecision`. They are repeated here because this package does not depend on the SDK. */
const NOT_RECORD = 0;
const RECORD_AND_SAMPLED = 2;

/** The result of a sampler, in the form that every version of the SDK reads. */
export interface TopicSamplingResult {
  decision: number;
}

/** The interface of a sampler, as in every version of the SDK. */
export interface SamplerLike {
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): TopicSamplingResult;
  toString(): string;
}

/** The share of traces to keep, from 0 to 1, for the topics that match. The first rule that matches decides. */
export interface TopicSamplingRule {
  readonly topics: TopicPattern | readonly TopicPattern[];
  readonly ratio: number;
}

/**
 * A sampler that keeps a share of the spans of some topics, and leaves every other span to another sampler.
 *
 * ```js
 * new NodeSDK({
 *   sampler: new TopicSampler([{ topics: 'clicks-*', ratio: 0.01 }, { topics: 'audit', ratio: 1 }], new AlwaysOnSampler()),
 * });
 * ```
 *
 * | span                           | parent        | decision                                              |
 * | ------------------------------ | ------------- | ----------------------------------------------------- |
 * | no Kafka topic, or no rule     | any           | the fallback decides                                  |
 * | of a topic with a rule         | not sampled   | dropped, so that no trace begins in the middle        |
 * | of a topic with a rule         | sampled       | kept if the hash of the trace id is within the ratio  |
 * | of a topic with a rule         | none (a root) | kept if the hash of the trace id is within the ratio  |
 *
 * The ratio also applies to spans with a sampled parent, because most sends are children of an HTTP span. Every parent-based
 * sampler also drops the children of a dropped span, even in the consumer's process. The hash is the same as in the SDK's
 * `TraceIdRatioBasedSampler`. So a rule with a ratio of 10 % keeps every trace that a ratio-based fallback keeps at 1 %.
 *
 * Cost per span: one attribute lookup and, if a rule matches, a hash of the trace id.
 *
 * With `register`, set `OTEL_INSTRUMENTATION_KAFKA_SAMPLING=clicks-*=0.01,audit=1`. The fallback is then the sampler that
 * `OTEL_TRACES_SAMPLER` names.
 *
 * @throws Error if a ratio is not a number from 0 to 1, or a pattern is not valid
 * @see {@link https://opentelemetry.io/docs/specs/otel/trace/sdk/#sampler}
 */
export class TopicSampler implements SamplerLike {
  readonly #ratioOf: (topic: string) => number | undefined;
  readonly #rules: readonly TopicSamplingRule[];
  readonly #fallback: SamplerLike;

  /**
   * @param rules - tried in order
   * @param fallback - decides about all other spans
   */
  constructor(rules: readonly TopicSamplingRule[], fallback: SamplerLike) {
    for (const { ratio } of rules) {
      if (!(ratio >= 0 && ratio <= 1))
        throw new Error(`TopicSampler: a ratio must be from 0 to 1, not ${String(ratio)}`);
    }
    const compiled = rules.map(({ topics, ratio }) => ({ matches: topicMatcher(topics), ratio }));
    this.#ratioOf = rememberByTopic(topic => compiled.find(({ matches }) => matches(topic))?.ratio);
    this.#rules = rules;
    this.#fallback = fallback;
  }

  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): TopicSamplingResult {
    const topic = destinationOf(attributes);
    const ratio = topic === undefined ? undefined : this.#ratioOf(topic);
    if (ratio === undefined) {
      return this.#fallback.shouldSample(context, traceId, spanName, spanKind, attributes, links);
    }
    const parent = trace.getSpanContext(context);
    const isParentDropped =
      parent !== undefined && trace.isSpanContextValid(parent) && !(parent.traceFlags & TraceFlags.SAMPLED);
    const isKept = !isParentDropped && isValidTraceId(traceId) && isWithinRatio(traceId, ratio);
    return { decision: isKept ? RECORD_AND_SAMPLED : NOT_RECORD };
  }

  toString(): string {
    const rules = this.#rules.map(
      ({ topics, ratio }) => `${([] as unknown[]).concat(topics).join('|')}=${String(ratio)}`,
    );
    return `TopicSampler{${rules.join(',')}; ${this.#fallback.toString()}}`;
  }
}

/** The largest value of the 32-bit hash below. */
const HASH_RANGE = 0xffffffff;

/**
 * True if the trace is kept at this ratio. Uses the hash of the SDK's `TraceIdRatioBasedSampler`. So a trace that one
 * process keeps at 1 % is also kept by every process with 10 %.
 */
export function isWithinRatio(traceId: string, ratio: number): boolean {
  if (ratio === 1) return true;
  let hash = 0;
  for (let part = 0; part < 32; part += 8) hash = (hash ^ parseInt(traceId.slice(part, part + 8), 16)) >>> 0;
  return hash < Math.floor(ratio * HASH_RANGE);
}
