import { ROOT_CONTEXT, SpanKind, TraceFlags, trace, type Attributes, type Context } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { TopicSampler, type SamplerLike } from '../../../src';

const ids = new RandomIdGenerator();
/** The lowest hash. Every ratio except 0 keeps this trace. */
const LOW = '0000000100000001000000010000000f';
/** The highest hash. Only the ratio 1 keeps this trace. */
const HIGH = 'ffffffff000000000000000000000000';

const about = (topic: string): Attributes => ({
  'messaging.system': 'kafka',
  'messaging.destination.name': topic,
});

function below(traceFlags: TraceFlags, traceId: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: '00f067aa0ba902b7', traceFlags });
}

const decide = (sampler: SamplerLike, context: Context, traceId: string, attributes: Attributes) =>
  sampler.shouldSample(context, traceId, 'send', SpanKind.PRODUCER, attributes, []).decision === 2;

describe('the decision table', () => {
  const sampler = new TopicSampler(
    [
      { topics: 'clicks-*', ratio: 0.01 },
      { topics: ['audit', /^ledger$/], ratio: 1 },
      { topics: 'noise', ratio: 0 },
    ],
    new AlwaysOnSampler(),
  );
  const { SAMPLED, NONE } = TraceFlags;

  test.each<[string, Context, string, string, boolean]>([
    ['a root within its ratio is kept', ROOT_CONTEXT, LOW, 'clicks-eu', true],
    ['a root beyond its ratio is dropped', ROOT_CONTEXT, HIGH, 'clicks-eu', false],
    ['a root of a topic kept whole is kept', ROOT_CONTEXT, HIGH, 'audit', true],
    ['a regular expression is a pattern too', ROOT_CONTEXT, HIGH, 'ledger', true],
    ['a root of a topic with ratio 0 is dropped', ROOT_CONTEXT, LOW, 'noise', false],
    ['under a sampled parent, within its ratio, a span is kept', below(SAMPLED, LOW), LOW, 'clicks-eu', true],
    [
      'under a sampled parent, beyond its ratio, it is dropped',
      below(SAMPLED, HIGH),
      HIGH,
      'clicks-eu',
      false,
    ],
    ['an unsampled parent is never raised, not even at ratio 1', below(NONE, LOW), LOW, 'audit', false],
    ['a topic without a rule is for the fallback', below(NONE, HIGH), HIGH, 'orders', true],
  ])('%s', (_what, context, traceId, topic, kept) => {
    expect(decide(sampler, context, traceId, about(topic))).toBe(kept);
  });

  test.each<[string, Attributes]>([
    ['a span of no topic', { 'http.request.method': 'GET' }],
    [
      "another system's destination",
      { 'messaging.system': 'rabbitmq', 'messaging.destination.name': 'noise' },
    ],
  ])('%s is for the fallback', (_what, attributes) => {
    expect(decide(sampler, ROOT_CONTEXT, HIGH, attributes)).toBe(true);
    const off = new TopicSampler([{ topics: '*', ratio: 1 }], new AlwaysOffSampler());
    expect(decide(off, ROOT_CONTEXT, LOW, attributes)).toBe(false);
  });

  test('the vocabulary of v1.45 is understood', () => {
    const attributes = { 'messaging.system.name': 'kafka', 'messaging.destination.name': 'noise' };
    expect(decide(sampler, ROOT_CONTEXT, LOW, attributes)).toBe(false);
  });

  test('the fallback gets all arguments of the sampler, and its result is returned', () => {
    const answer = { decision: 1, attributes: { why: 'because' } };
    const asked: unknown[][] = [];
    const fallback: SamplerLike = {
      shouldSample: (...args) => {
        asked.push(args);
        return answer;
      },
      toString: () => 'mine',
    };
    const args = [ROOT_CONTEXT, LOW, 'GET', SpanKind.SERVER, { a: 1 }, []] as const;
    expect(
      new TopicSampler([], fallback).shouldSample(args[0], args[1], args[2], args[3], { a: 1 }, []),
    ).toBe(answer);
    expect(asked).toEqual([[...args]]);
  });
});

describe('the hash of the trace id', () => {
  test("is the SDK's, so that ratios nest", () => {
    for (const ratio of [0.001, 0.01, 0.25, 0.5, 0.999]) {
      const sdk = new TraceIdRatioBasedSampler(ratio);
      const ours = new TopicSampler([{ topics: '*', ratio }], new AlwaysOnSampler());
      for (let n = 0; n < 2000; n++) {
        const traceId = ids.generateTraceId();
        expect(decide(ours, ROOT_CONTEXT, traceId, about('clicks'))).toBe(
          decide(sdk as SamplerLike, ROOT_CONTEXT, traceId, {}),
        );
      }
    }
  });

  test('keeps the given share of 20,000 traces', () => {
    const sampler = new TopicSampler([{ topics: 'clicks', ratio: 0.1 }], new AlwaysOnSampler());
    let kept = 0;
    for (let n = 0; n < 20_000; n++)
      kept += Number(decide(sampler, ROOT_CONTEXT, ids.generateTraceId(), about('clicks')));
    // The limits are five standard deviations (42 each) away from the mean.
    expect(kept).toBeGreaterThan(1788);
    expect(kept).toBeLessThan(2212);
  });
});

test.each([-0.1, 1.1, NaN, Infinity])('a ratio of %p is refused', ratio => {
  expect(() => new TopicSampler([{ topics: '*', ratio }], new AlwaysOnSampler())).toThrow(
    `TopicSampler: a ratio must be from 0 to 1, not ${ratio}`,
  );
});

test('the description names the rules and the fallback', () => {
  const sampler = new TopicSampler([{ topics: ['a', /^b/], ratio: 0.5 }], new AlwaysOnSampler());
  expect(sampler.toString()).toBe('TopicSampler{a|/^b/=0.5; AlwaysOnSampler}');
});
