/** What is measured: a Kafka client with or without a certain instrumentation. */
export type Variant =
  /**
   * The client without instrumentation. Its messages carry a constant `traceparent` header, so that they have the same size as
   * instrumented ones.
   */
  | 'bare'
  /** The client without instrumentation and without headers. */
  | 'headerless'
  /**
   * The hand-written instrumentation in `floor.cjs`: the minimal code that creates the same spans and metrics. It shows the lowest
   * possible cost.
   */
  | 'floor'
  /** The official `@opentelemetry/instrumentation-kafkajs`. */
  | 'official'
  | 'ours'
  /** Another build of this package, from the folder in `BENCH_OTHER`. */
  | 'other';

export type Client = 'kafkajs' | 'confluent';

/**
 * A workload in one SDK mode, for example `broker/eachMessage 100 B/metrics`. It is measured for each of its variants.
 *
 * Terms of the benchmarks:
 * - sample: one measurement of one variant of a benchmark. Each sample is a new process, which warms up, measures and prints one line of
 * JSON
 * - round: one sample of each variant of a benchmark; the variants of a round are compared with each other
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
  /** Absolute path of the program. It gets the variant in `BENCH_VARIANT` and the mode in `BENCH_MODE`. */
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
  /**
   * Node.js flags for additional processes that measure allocated bytes (`BENCH_ALLOCATION=1`). Leave it unset if every process
   * already measures them.
   */
  readonly allocationArgv?: readonly string[];
  /** Approximate duration of one sample (a measuring process), in seconds. Used for the progress bar. */
  readonly cost: number;
  /** True if the results vary so much that the benchmark needs more rounds. */
  readonly isUnsteady?: boolean;
  /** True if wall time and event loop delay are measured too. Additional processes measure them; each runs alone. */
  readonly isTimed?: boolean;
}

/** The result of one measuring process. A benchmark may add more numeric fields. */
export interface Sample {
  readonly unit: string;
  /** Number of measured messages. */
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
