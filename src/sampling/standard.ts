import { TraceFlags, trace } from '@opentelemetry/api';
import { isWithinRatio } from './trace-id-ratio';
import type { SamplerLike } from './topic-sampler';

const DROP = { decision: 0 };
const KEEP = { decision: 2 };

/**
 * The samplers that `OTEL_TRACES_SAMPLER` names. The SDK has them too, but in a package whose name depends on its version,
 * and it builds the one that the variable names only where it is given no sampler at all.
 */
const ROOTS: Readonly<Record<string, (ratio: number) => SamplerLike>> = {
  always_on: () => sampler('AlwaysOnSampler', () => true),
  always_off: () => sampler('AlwaysOffSampler', () => false),
  traceidratio: ratio =>
    sampler(`TraceIdRatioBased{${String(ratio)}}`, traceId => ratio === 1 || isWithinRatio(traceId, ratio)),
};

const PARENT_BASED = 'parentbased_';

/** The six standard names. */
export const STANDARD_SAMPLERS = Object.keys(ROOTS).flatMap(name => [name, PARENT_BASED + name]);

/** @returns `undefined` for a name that is not a standard one */
export function standardSampler(name: string, ratio: number): SamplerLike | undefined {
  if (!name.startsWith(PARENT_BASED)) return ROOTS[name]?.(ratio);
  const root = ROOTS[name.slice(PARENT_BASED.length)]?.(ratio);
  return root && parentBased(root);
}

function sampler(description: string, isKept: (traceId: string) => boolean): SamplerLike {
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
