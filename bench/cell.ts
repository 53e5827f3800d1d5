/** What a sample measures. */
export type Variant =
  /** kafkajs alone; its messages carry a constant `traceparent` header. */
  | 'bare'
  /** kafkajs alone, without headers. */
  | 'headerless'
  /** The hand-written baseline in `floor.cjs`: minimal code that creates the same spans and metrics. */
  | 'floor'
  /** `@opentelemetry/instrumentation-kafkajs`. */
  | 'official'
  | 'ours'
  /** Another build of this package: the folder in `BENCH_OTHER`. */
  | 'other';

/**
 * One measurement, repeated for every variant. A sample is one process: `node [flags] file`, with `BENCH_VARIANT` and `BENCH_MODE`
 * in its environment. It warms up, measures, and prints a `Sample` as one line of JSON.
 */
export interface Cell {
  readonly group: string;
  readonly path: string;
  readonly mode: string;
  readonly variants: readonly Variant[];
  /** Absolute path. */
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
  /** Node.js flags for the extra samples that count allocated bytes (`BENCH_ALLOCATION=1`). Unset if every sample counts them. */
  readonly allocationArgv?: readonly string[];
  /** Approximate duration of one sample, in seconds. */
  readonly cost: number;
  /** True if samples vary so much that the cell needs more rounds. */
  readonly isUnsteady?: boolean;
  /** True if extra samples, which run alone, also measure wall time and event loop delay. */
  readonly isTimed?: boolean;
}

/** The result of one sample. Further numeric fields are allowed. */
export interface Sample {
  readonly unit: string;
  /** Units measured. */
  readonly count: number;
  /** User and system CPU time of the whole process, in µs per unit. */
  readonly cpu?: number;
  /** Wall time, in µs per unit. */
  readonly wall?: number;
  /** Heap allocation, in bytes per unit. */
  readonly bytes?: number;
  /** Event loop delay, in milliseconds. */
  readonly delay?: { readonly p50: number; readonly max: number };
  readonly [extra: string]: unknown;
}

export const nameOf = ({ group, path, mode }: Cell): string => `${group}/${path}/${mode}`;
