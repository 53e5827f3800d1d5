import { PREFIX, readVariable, type Environment } from '../config/environment';
import { splitRules } from '../config/topics';
import { STANDARD_SAMPLERS, standardSampler } from './standard';
import { TopicSampler, type TopicSamplingRule } from './topic-sampler';

/**
 * The sampler that `OTEL_INSTRUMENTATION_KAFKA_SAMPLING` asks for, around the one that `OTEL_TRACES_SAMPLER` names;
 * `undefined` where it is not set, or where something is wrong, which is reported: then the SDK samples as without it.
 */
export function samplerFrom(
  environment: Environment,
  report: (problem: string) => void,
): TopicSampler | undefined {
  const text = readVariable(environment, `${PREFIX}SAMPLING`);
  if (text === undefined) return undefined;
  const ignored = `${PREFIX}SAMPLING is ignored`;
  const rules = rulesOf(text);
  if (!rules) {
    report(
      `${ignored}: it is "${text}", not a list of topics and ratios from 0 to 1, such as "clicks-*=0.01,audit=1"`,
    );
    return undefined;
  }
  const name = readVariable(environment, 'OTEL_TRACES_SAMPLER')?.toLowerCase() ?? 'parentbased_always_on';
  const fallback = standardSampler(
    name,
    ratioFrom(readVariable(environment, 'OTEL_TRACES_SAMPLER_ARG')) ?? 1,
  );
  if (!fallback) {
    report(
      `${ignored}: it can wrap the samplers ${STANDARD_SAMPLERS.join(', ')}, but OTEL_TRACES_SAMPLER is "${name}"`,
    );
    return undefined;
  }
  try {
    return new TopicSampler(rules, fallback);
  } catch (error) {
    report(`${ignored}: ${String(error)}`);
    return undefined;
  }
}

function rulesOf(text: string): TopicSamplingRule[] | undefined {
  const rules: TopicSamplingRule[] = [];
  for (const { glob, value } of splitRules(text)) {
    const ratio = ratioFrom(value);
    if (glob === undefined || glob === '' || ratio === undefined) return undefined;
    rules.push({ topics: glob, ratio });
  }
  return rules;
}

function ratioFrom(text: string | undefined): number | undefined {
  const ratio = text === undefined || text === '' ? NaN : Number(text);
  return ratio >= 0 && ratio <= 1 ? ratio : undefined;
}
