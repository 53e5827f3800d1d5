import type { Observation } from '../run/observe';

/** An observation without what tells its side: the topic's name, and how many records the topic had before. */
export function sideless(observation: Observation, suffix: string, length: number): Observation {
  const { calls, log, unhandled, objects } = observation;
  const of = <Value>(value: Value) => without(value, suffix, length) as Value;
  return {
    requests: observation.requests,
    calls: of(calls),
    log: of(log),
    unhandled: of(unhandled),
    objects: of(objects),
  };
}

function without(value: unknown, suffix: string, length: number): unknown {
  if (typeof value === 'string') return value.replaceAll(suffix, 'side');
  if (Array.isArray(value)) return value.map(part => without(part, suffix, length));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]: [string, unknown]) => [
      name,
      name === 'baseOffset' ? relative(part, length) : without(part, suffix, length),
    ]),
  );
}

function relative(offset: unknown, length: number): unknown {
  const [, number] = /^'(\d+)'$/.exec(String(offset)) ?? [];
  return number === undefined ? offset : Number(number) - length;
}
