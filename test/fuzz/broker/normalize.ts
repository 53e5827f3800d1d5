import type { Observation } from '../run/observe';

/** Removes what must differ between the two topics: their names, and offsets that depend on earlier records. */
export function normalize(observation: Observation, suffix: string, length: number): Observation {
  const { calls, log, unhandled, objects } = observation;
  const of = <Value>(value: Value) => normalizeValue(value, suffix, length) as Value;
  return {
    requests: observation.requests,
    produced: observation.produced,
    calls: of(calls),
    log: of(log),
    unhandled: of(unhandled),
    objects: of(objects),
  };
}

function normalizeValue(value: unknown, suffix: string, length: number): unknown {
  if (typeof value === 'string') return value.replaceAll(suffix, 'side');
  if (Array.isArray(value)) return value.map(part => normalizeValue(part, suffix, length));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]: [string, unknown]) => [
      name,
      name === 'baseOffset' ? relative(part, length) : normalizeValue(part, suffix, length),
    ]),
  );
}

function relative(offset: unknown, length: number): unknown {
  const [, number] = /^'(\d+)'$/.exec(String(offset)) ?? [];
  return number === undefined ? offset : Number(number) - length;
}
