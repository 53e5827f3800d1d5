/** What is compared with what. */
export type Variant =
  /** kafkajs alone; its messages carry a `traceparent` that was set by hand. */
  | 'bare'
  /** kafkajs alone, without any header. */
  | 'headerless'
  /** Hand-written minimal code that makes the same spans and metrics. */
  | 'floor'
  /** `@opentelemetry/instrumentation-kafkajs`. */
  | 'official'
  | 'ours'
  /** Another build of ours: the folder in `BENCH_OTHER`. */
  | 'other';

/**
 * One thing to measure, in every variant. `file` is started once per sample, as `node [flags] file`, with `BENCH_VARIANT` and
 * `BENCH_MODE` in its environment; it warms up, measures, and prints one line of JSON: a `Sample`.
 */
export interface Cell {
  readonly group: string;
  readonly path: string;
  readonly mode: string;
  readonly variants: readonly Variant[];
  /** Absolute. */
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
  /** Flags of the separate samples that count allocated bytes, started with `BENCH_ALLOCATION=1`; none where a sample counts them anyway. */
  readonly allocationArgv?: readonly string[];
  /** How long one sample takes, roughly, in seconds. */
  readonly cost: number;
  /** Whether one sample differs so much from the next that it takes more rounds to be as sure. */
  readonly isUnsteady?: boolean;
  /** Whether the time on the clock and the delay of the event loop are taken too, by samples that run alone. */
  readonly isTimed?: boolean;
}

/** What a sample prints. More numeric fields may follow. */
export interface Sample {
  readonly unit: string;
  /** Units measured. */
  readonly count: number;
  /** User and system time of the whole process, in µs per unit. */
  readonly cpu?: number;
  /** On the clock, in µs per unit. */
  readonly wall?: number;
  /** Allocated on the heap, in bytes per unit. */
  readonly bytes?: number;
  /** Of the event loop, in milliseconds. */
  readonly delay?: { readonly p50: number; readonly max: number };
  readonly [extra: string]: unknown;
}

export const nameOf = ({ group, path, mode }: Cell): string => `${group}/${path}/${mode}`;
