import { TraceFlags, trace } from '@opentelemetry/api';
import { PREFIX, readVariable, type Environment } from '../config/environment';
import { splitRules } from '../config/topics';
import { TopicSampler, isWithinRatio, type SamplerLike, type TopicSamplingRule } from './topic-sampler';

const VARIABLE = `${PREFIX}SAMPLING`;

/**
 * Creates the sampler that `OTEL_INSTRUMENTATION_KAFKA_SAMPLING` describes, with the sampler of `OTEL_TRACES_SAMPLER`
 * as fallback. `undefined` if the first variable is not set. If a value is wrong, the problem is reported and the
 * result is `undefined`.
 */
export function samplerFrom(
  environment: Environment,
  report: (problem: string) => void,
): TopicSampler | undefined {
  const text = readVariable(environment, VARIABLE);
  if (text === undefined) return undefined;
  const rules = readRules(text);
  if (!rules) {
    report(
      `${VARIABLE} is "${text}", which is not allowed and is ignored. Allowed: topic patterns with a ratio from 0 to 1, such as clicks-*=0.01,audit=1`,
    );
    return undefined;
  }
  const name = readVariable(environment, 'OTEL_TRACES_SAMPLER')?.toLowerCase() ?? 'parentbased_always_on';
  const ratio = readRatio(readVariable(environment, 'OTEL_TRACES_SAMPLER_ARG')) ?? 1;
  const fallback = standardSampler(name, ratio);
  if (!fallback) {
    report(
      `${VARIABLE} is ignored, because OTEL_TRACES_SAMPLER is "${name}". Both variables work together only if OTEL_TRACES_SAMPLER is one of: ${STANDARD_SAMPLERS.join(', ')}`,
    );
    return undefined;
  }
  try {
    return new TopicSampler(rules, fallback);
  } catch (error) {
    report(`${VARIABLE} is ignored, because a topic pattern in it is not valid: ${String(error)}`);
    return undefined;
  }
}

function readRules(text: string): TopicSamplingRule[] | undefined {
  const rules: TopicSamplingRule[] = [];
  for (const { glob, value } of splitRules(text)) {
    const ratio = readRatio(value);
    if (glob === undefined || glob === '' || ratio === undefined) return undefined;
    rules.push({ topics: glob, ratio });
  }
  return rules;
}

function readRatio(text: string | undefined): number | undefined {
  const ratio = text === undefined || text === '' ? NaN : Number(text);
  return ratio >= 0 && ratio <= 1 ? ratio : undefined;
}

/** Results with values of the SDK's enum `SamplingDecision`. */
const DROP = { decision: 0 };
const KEEP = { decision: 2 };

/**
 * Our versions of the samplers that `OTEL_TRACES_SAMPLER` can name. The SDK's own samplers cannot be loaded here,
 * because their package name depends on the version of the SDK.
 */
const ROOT_SAMPLERS: Readonly<Record<string, (ratio: number) => SamplerLike>> = {
  always_on: () => createSampler('AlwaysOnSampler', () => true),
  always_off: () => createSampler('AlwaysOffSampler', () => false),
  traceidratio: ratio =>
    createSampler(`TraceIdRatioBased{${String(ratio)}}`, traceId => isWithinRatio(traceId, ratio)),
};

const PARENT_BASED = 'parentbased_';

const STANDARD_SAMPLERS = Object.keys(ROOT_SAMPLERS).flatMap(name => [name, PARENT_BASED + name]);

function standardSampler(name: string, ratio: number): SamplerLike | undefined {
  if (!name.startsWith(PARENT_BASED)) return ROOT_SAMPLERS[name]?.(ratio);
  const root = ROOT_SAMPLERS[name.slice(PARENT_BASED.length)]?.(ratio);
  return root && parentBased(root);
}

function createSampler(description: string, isKept: (traceId: string) => boolean): SamplerLike {
  return { shouldSample: (_, traceId) => (isKept(traceId) ? KEEP : DROP), toString: () => description };
}

function parentBased(root: SamplerLike): SamplerLike {
  return {
    shouldSample(context, traceId, ...rest) {
      const parent = trace.getSpanContext(context);
      if (!parent || !trace.isSpanContextValid(parent)) return root.shouldSample(context, traceId, ...rest);
      return parent.traceFlags & TraceFlags.SAMPLED ? KEEP : DROP;
    },
    toString: () => `ParentBased{root=${root.toString()}}`,
  };
}
