/** A Kafka client, with or without an instrumentation. */
export type Variant =
  /**
   * The client without instrumentation. Its messages have a constant `traceparent` header, so they are as large as
   * instrumented messages.
   */
  | 'bare'
  | 'headerless'
  /**
   * The instrumentation in `floor.cjs`, written by hand with minimal code. It creates the same spans and metrics as
   * this package and shows the lowest possible cost.
   */
  | 'floor'
  | 'official'
  | 'ours'
  /** Another build of this package, from the folder in `BENCH_OTHER`. */
  | 'other';

export type Client = 'kafkajs' | 'confluent';

/**
 * A workload in one SDK mode, for example `broker/eachMessage 100 B/metrics`. A benchmark measures each of its
 * variants.
 *
 * Terms of the benchmarks:
 * - sample: a new process that warms up, measures one variant and prints one line of JSON
 * - round: one sample of each variant of a benchmark. Ratios are computed within a round
 * - path: the workload, for example `send 100`
 * - mode: what the SDK does, for example `off` or `metrics`
 * - floor: the hand-written instrumentation in `floor.cjs`
 */
export interface Benchmark {
  readonly group: string;
  readonly path: string;
  readonly mode: string;
  /** Default: kafkajs. */
  readonly client?: Client;
  readonly variants: readonly Variant[];
  /** Absolute path of the program. The program reads `BENCH_VARIANT` and `BENCH_MODE`. */
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
  /**
   * Node.js flags for processes that measure allocated bytes (`BENCH_ALLOCATION=1`). If unset, every process measures
   * allocated bytes.
   */
  readonly allocationArgv?: readonly string[];
  /** Approximate duration of one measuring process, in seconds. Used for the progress bar. */
  readonly cost: number;
  /** True if the results vary so much that the benchmark needs more rounds. */
  readonly isUnsteady?: boolean;
  /** True if separate processes also measure wall time and event loop delay. Each of these processes runs alone. */
  readonly isTimed?: boolean;
}

/** What one measuring process prints. A benchmark may add numeric fields. */
export interface Sample {
  readonly unit: string;
  readonly count: number;
  /** CPU time (user and system) of the whole process, in µs per message. */
  readonly cpu?: number;
  /** CPU time of the first 1,000 operations of the process, in µs per message. Only in benchmarks without a broker. */
  readonly cold?: number;
  /** Wall time, in µs per message. */
  readonly wall?: number;
  /** Allocated heap memory, in bytes per message. */
  readonly bytes?: number;
  /** Event loop delay, in milliseconds. */
  readonly delay?: { readonly p50: number; readonly max: number };
  readonly [extra: string]: unknown;
}

export const nameOf = ({ group, path, mode }: Benchmark): string => `${group}/${path}/${mode}`;
