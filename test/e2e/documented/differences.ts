/** What is known of a run of a program. */
export interface RunFacts {
  /** The ending that all names of the run share: of its topics, and so of its groups and transactions. */
  readonly suffix: string;
  /** In milliseconds since 1970. */
  readonly began: number;
}

/** Takes one thing out of what a program has seen: called with each value and the key that it has, `undefined` removes it. */
export type Mask = (key: string, value: unknown, run: RunFacts) => unknown;

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What differs from run to run, with or without us. That each is needed is a test: two bare runs differ without it. */
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

/** The one difference that is ours. */
export const traceHeaders: Mask = (key, value) => (key === 'traceparent' ? undefined : value);

export function masked<Seen>(seen: Seen, run: RunFacts, applied: readonly Mask[]): Seen {
  return JSON.parse(JSON.stringify(seen), (key, value: unknown) =>
    applied.reduce((left, mask) => mask(key, left, run), value),
  ) as Seen;
}
