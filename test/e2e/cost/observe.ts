import { benchmarks } from '../../../bench/in-process/benchmarks';
import { nameOf, type Benchmark, type Variant } from '../../../bench/benchmark';
import { usableCores } from '../../../bench/cores';
import type { Round } from '../../../bench/rounds';
import { runInTurns, runSample } from '../../../bench/run-sample';

/** The SDK calls and the telemetry of one run of a workload. */
export interface Observed {
  /** Number of messages. */
  readonly units: number;
  readonly calls: Readonly<Record<'startSpan' | 'inject' | 'extract' | 'record' | 'add', number>>;
  readonly spans: readonly object[];
  readonly metrics: readonly { readonly name: string; readonly value: number }[];
  /** How often headers of a batch were read before its handler was called. */
  readonly readsBefore?: number;
}

/** Returns the benchmark of a workload in an SDK mode. */
export function benchmarkOf(path: string, mode: string): Benchmark {
  const name = `in-process/${path}/${mode}`;
  const benchmark = benchmarks.find(candidate => nameOf(candidate) === name);
  if (!benchmark) throw new Error(`the bench has no benchmark named ${name}`);
  return benchmark;
}

const observed = new Map<string, Promise<Observed>>();

/** Runs a workload only once per test file, and caches the result. */
export async function observe(path: string, mode: string, variant: Variant): Promise<Observed> {
  const key = [path, mode, variant].join('/');
  const known = observed.get(key);
  if (known) return known;
  const running = runSample(benchmarkOf(path, mode), variant, { env: { BENCH_OBSERVE: '1' } });
  observed.set(key, running as Promise<unknown> as Promise<Observed>);
  return (await running) as unknown as Observed;
}

/** Long enough for V8 to optimize the measured code, but too short for published results. */
const SHORTLY = { BENCH_WARM_UP: '300', BENCH_DURATION: '150', BENCH_SDK_OPERATIONS: 'no' };

/** Number of bytes that this package allocates per message. */
export async function allocatedBy(path: string, mode: string): Promise<number | undefined> {
  const { bytes } = await runSample(benchmarkOf(path, mode), 'ours', {
    env: SHORTLY,
    countsAllocation: true,
  });
  return bytes;
}

/** Measures this package and the official instrumentation once. Their processes take turns. */
export function pairShortly(path: string, mode: string): Promise<Round> {
  const [core] = usableCores();
  return runInTurns(benchmarkOf(path, mode), ['official', 'ours'], { env: SHORTLY, core });
}
