import { ROOT_CONTEXT, SpanKind, TraceFlags, trace, type Context } from '@opentelemetry/api';
import { samplerFrom } from '../../../src/sampling/environment';

const LOW = '0000000100000001000000010000000f';
const HIGH = 'ffffffff000000000000000000000000';
const parent = (traceFlags: TraceFlags): Context =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId: LOW, spanId: '00f067aa0ba902b7', traceFlags });

function read(environment: Record<string, string>) {
  const problems: string[] = [];
  const sampler = samplerFrom(environment, problem => problems.push(problem));
  const keeps = (topic: string | undefined, context = ROOT_CONTEXT, traceId = LOW) =>
    sampler?.shouldSample(
      context,
      traceId,
      'span',
      SpanKind.PRODUCER,
      topic === undefined ? {} : { 'messaging.system': 'kafka', 'messaging.destination.name': topic },
      [],
    ).decision === 2;
  return { sampler, problems, keeps };
}

const SAMPLING = 'OTEL_INSTRUMENTATION_KAFKA_SAMPLING';

test('without the variable there is no sampler, so that the SDK creates its own', () => {
  expect(read({ OTEL_TRACES_SAMPLER: 'always_off' })).toMatchObject({ sampler: undefined, problems: [] });
  expect(read({ [SAMPLING]: ' ' }).sampler).toBeUndefined();
});

test('rules wrap the default sampler', () => {
  const { keeps, problems, sampler } = read({ [SAMPLING]: 'clicks-*=0.01, {a,b}=0 , audit=1' });
  expect(problems).toEqual([]);
  expect([
    keeps('clicks-eu'),
    keeps('clicks-eu', ROOT_CONTEXT, HIGH),
    keeps('a'),
    keeps('b'),
    keeps('audit'),
  ]).toEqual([true, false, false, false, true]);
  expect(sampler?.toString()).toBe(
    'TopicSampler{clicks-*=0.01,{a,b}=0,audit=1; ParentBased{root=AlwaysOnSampler}}',
  );
});

const { SAMPLED, NONE } = TraceFlags;

/**
 * Decisions for a span without a topic: a root with a low hash, a root with a high hash, a child of a sampled parent, a
 * child of an unsampled parent.
 */
test.each([
  ['always_on', [true, true, true, true]],
  ['always_off', [false, false, false, false]],
  ['traceidratio', [true, false, true, true]],
  ['parentbased_always_on', [true, true, true, false]],
  ['parentbased_always_off', [false, false, true, false]],
  ['parentbased_traceidratio', [true, false, true, false]],
])('%s decides about spans without a rule', (name, expected) => {
  const { keeps, problems } = read({
    [SAMPLING]: 'audit=1',
    OTEL_TRACES_SAMPLER: name,
    OTEL_TRACES_SAMPLER_ARG: '0.5',
  });
  expect(problems).toEqual([]);
  expect([
    keeps(undefined),
    keeps(undefined, ROOT_CONTEXT, HIGH),
    keeps(undefined, parent(SAMPLED)),
    keeps(undefined, parent(NONE)),
  ]).toEqual(expected);
});

test('a ratio that is not a number counts as 1, as in the SDK', () => {
  const { keeps } = read({
    [SAMPLING]: 'audit=1',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: 'half',
  });
  expect(keeps(undefined, ROOT_CONTEXT, HIGH)).toBe(true);
});

test.each(['clicks', 'clicks=often', 'clicks=2', '=0.5', 'a=1,,b=1', '=1'])(
  '%p is reported, and ignored',
  text => {
    const { sampler, problems } = read({ [SAMPLING]: text });
    expect(sampler).toBeUndefined();
    expect(problems).toEqual([
      `${SAMPLING} is "${text}", which is not allowed and is ignored. Allowed: topic patterns with a ratio from 0 to 1, such as clicks-*=0.01,audit=1`,
    ]);
  },
);

test('a sampler that cannot be wrapped is reported', () => {
  const { sampler, problems } = read({ [SAMPLING]: 'audit=1', OTEL_TRACES_SAMPLER: 'jaeger_remote' });
  expect(sampler).toBeUndefined();
  expect(problems[0]).toContain('OTEL_TRACES_SAMPLER is "jaeger_remote"');
});
