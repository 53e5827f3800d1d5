/** Facts about one run of a program. */
export interface RunFacts {
  /** Common suffix of the topic, group and transaction names of the run. */
  readonly suffix: string;
  /** Milliseconds since 1970. */
  readonly began: number;
}

/** Masks one kind of value. Called with each value and its key. Returning `undefined` removes the value. */
export type Mask = (key: string, value: unknown, run: RunFacts) => unknown;

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Values that differ between any two runs. Tests prove that each mask is necessary. */
export const masks = {
  names: (_key, value, { suffix }) => {
    const shorten = (text: string) => text.replaceAll(`-${suffix}`, '');
    if (typeof value === 'string') return shorten(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, held]) => [shorten(name), held as unknown]));
  },

  moments: (_key, value, { began }) => {
    const moment = typeof value === 'string' && value.includes('T') ? Date.parse(value) : Number(value);
    return moment >= began && moment <= Date.now() ? '(moment)' : value;
  },

  members: (_key, value) => (typeof value === 'string' ? value.replace(UUID, '(uuid)') : value),

  durations: (key, value) =>
    ['duration', 'pendingDuration', 'retryTime'].includes(key) ? '(duration)' : value,
} satisfies Record<string, Mask>;

/** Masks the only difference that the instrumentation causes. */
export const traceHeaders: Mask = (key, value) => (key === 'traceparent' ? undefined : value);

export function masked<Seen>(seen: Seen, run: RunFacts, applied: readonly Mask[]): Seen {
  return JSON.parse(JSON.stringify(seen), (key, value: unknown) =>
    applied.reduce((left, mask) => mask(key, left, run), value),
  ) as Seen;
}
