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
import { isWithinRatio } from './trace-id-ratio';

/** The decisions of OpenTelemetry's `SamplingDecision`: an enum of the SDK, which this package does not depend on. */
const NOT_RECORD = 0;
const RECORD_AND_SAMPLED = 2;

/** What a sampler answers, as every version of the SDK reads it. */
export interface TopicSamplingResult {
  decision: number;
}

/** A sampler of the SDK, by its shape: any of them can be the fallback. */
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
 * | span                            | parent         | decision                                                              |
 * | ------------------------------- | -------------- | --------------------------------------------------------------------- |
 * | of no Kafka topic, or no rule's | any            | the fallback's                                                        |
 * | of a topic with a rule          | not sampled    | dropped: an unsampled parent is never raised                          |
 * | of a topic with a rule          | sampled        | kept if the trace id's hash is within the ratio too                   |
 * | of a topic with a rule          | none (a root)  | kept if the trace id's hash is within the ratio                       |
 *
 * A send mostly is the child of an HTTP span, so a rule for roots alone would never bite. What is below a dropped span is
 * dropped as well by every parent-based sampler, in the consumer's process too. The hash is the one of the SDK's
 * `TraceIdRatioBasedSampler`, so ratios nest: a rule above the fallback's ratio drops nothing more.
 *
 * Costs a look at the destination and, where a rule matches, a hash of the trace id per span. The environment form is
 * `OTEL_INSTRUMENTATION_KAFKA_SAMPLING=clicks-*=0.01,audit=1`, which `register` wraps around `OTEL_TRACES_SAMPLER`.
 *
 * @throws Error if a ratio is not a number from 0 to 1, or a pattern cannot be compiled
 * @see {@link https://opentelemetry.io/docs/specs/otel/trace/sdk/#sampler}
 */
export class TopicSampler implements SamplerLike {
  readonly #ratioOf: (topic: string) => number | undefined;
  readonly #rules: readonly TopicSamplingRule[];
  readonly #fallback: SamplerLike;

  /**
   * @param rules - tried in order
   * @param fallback - decides about everything else, and is asked as if it were the only sampler
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
    const isKept =
      !isParentDropped && isValidTraceId(traceId) && (ratio === 1 || isWithinRatio(traceId, ratio));
    return { decision: isKept ? RECORD_AND_SAMPLED : NOT_RECORD };
  }

  toString(): string {
    const rules = this.#rules.map(
      ({ topics, ratio }) => `${([] as unknown[]).concat(topics).join('|')}=${String(ratio)}`,
    );
    return `TopicSampler{${rules.join(',')}; ${this.#fallback.toString()}}`;
  }
}
