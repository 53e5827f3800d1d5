import type { ReceivedSpan } from '../support/otlp';
import { show, type Fault } from './attributes';
import { olderName, spanDefinitions } from './registry';
import { operationOf } from './spans';

/** Under which attribute the sampler of `fixtures/conformance/tracing.cjs` notes what it was asked with. */
export const SEEN_BY_SAMPLER = 'sampler.saw';

const relevant = new Set(
  spanDefinitions
    .flatMap(definition => definition.attributes)
    .filter(use => use.sampling_relevant)
    .map(use => use.name),
);

/** Where a record will be written is not known before the partitioner has run, and its broker with it. */
const KNOWN_LATER_OF_SEND = new Set(['messaging.destination.partition.id', 'server.address', 'server.port']);

/** What a span that went by a recording sampler had too late for it: a sampler decides by what it is given at the start. */
export function samplingFaults(span: ReceivedSpan): Fault[] {
  const noted = span.attributes[SEEN_BY_SAMPLER];
  const operation = operationOf(span);
  // Neither has an operation type, so no convention says what a sampler may count on.
  if (operation === 'transaction' || operation === 'admin') return [];
  if (typeof noted !== 'string') return [{ rule: 'sampling', message: 'no sampler was asked about it' }];
  const seen = JSON.parse(noted) as Readonly<Record<string, unknown>>;
  return Object.entries(span.attributes)
    .filter(([name]) => relevant.has(olderName(name)))
    .filter(([name]) => !(operation === 'send' && seen[name] === undefined && KNOWN_LATER_OF_SEND.has(name)))
    .filter(([name, value]) => show(seen[name]) !== show(value))
    .map(([name, value]) => ({
      rule: 'sampling',
      message: `${name} is ${show(value)}, and was ${show(seen[name])} when the sampler was asked`,
    }));
}
