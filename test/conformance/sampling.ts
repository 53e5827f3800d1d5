import type { ReceivedSpan } from '../support/otlp';
import { show, type Fault } from './attributes';
import { olderName, spanDefinitions } from './registry';
import { operationOf } from './spans';

/** In this attribute, the sampler of `fixtures/conformance/tracing.cjs` records the attributes that it received. */
export const SEEN_BY_SAMPLER = 'sampler.saw';

const relevant = new Set(
  spanDefinitions
    .flatMap(definition => definition.attributes)
    .filter(use => use.sampling_relevant)
    .map(use => use.name),
);

/** Attributes of a send that are known only after the partitioner has run. */
const KNOWN_LATER_OF_SEND = new Set(['messaging.destination.partition.id', 'server.address', 'server.port']);

/** Reports attributes that the span got later but that the sampler should have received. */
export function samplingFaults(span: ReceivedSpan): Fault[] {
  const noted = span.attributes[SEEN_BY_SAMPLER];
  const operation = operationOf(span);
  // The conventions do not define which attributes a sampler should see on these spans.
  if (operation === 'transaction' || operation === 'admin') return [];
  if (typeof noted !== 'string') return [{ rule: 'sampling', message: 'the sampler did not get it' }];
  const seen = JSON.parse(noted) as Readonly<Record<string, unknown>>;
  return Object.entries(span.attributes)
    .filter(([name]) => relevant.has(olderName(name)))
    .filter(
      ([name]) =>
        !(operation === 'send' && seen[name] === undefined && KNOWN_LATER_OF_SEND.has(olderName(name))),
    )
    .filter(([name, value]) => show(seen[name]) !== show(value))
    .map(([name, value]) => ({
      rule: 'sampling',
      message: `${name} is ${show(value)}, but was ${show(seen[name])} at the sampling decision`,
    }));
}
