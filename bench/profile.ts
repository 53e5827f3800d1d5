// Uses V8's sampling profiler to show which packages use the CPU time of a benchmark process.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, Variant } from './benchmark';
import { runSample, type SampleOptions } from './run-sample';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
}

/** The fields of a `.cpuprofile` file that this module needs. */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  /** Time since the previous sample of the profiler, in microseconds. */
  readonly timeDeltas: readonly number[];
}

/** Share of the busy CPU time by package, largest first. */
export type Shares = ReadonlyMap<string, number>;

/** Measure for a long time, so that the start of the process hardly counts. */
const ENV = { BENCH_DURATION: '4000', BENCH_SDK_OPERATIONS: 'no' };

export async function profile(
  benchmark: Benchmark,
  variant: Variant,
  options: SampleOptions,
): Promise<Shares> {
  const folder = mkdtempSync(join(tmpdir(), 'profile-'));
  try {
    await runSample(benchmark, variant, {
      ...options,
      env: { ...options.env, ...ENV },
      execArgv: [...(options.execArgv ?? []), '--cpu-prof', '--cpu-prof-dir', folder],
    });
    const [file = ''] = readdirSync(folder);
    return sharesOf(JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function sharesOf({ nodes, samples, timeDeltas }: CpuProfile): Shares {
  const owners = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]));
  const times = new Map<string, number>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const owner = owners.get(id);
    if (owner === undefined) continue;
    const time = timeDeltas[index] ?? 0;
    busy += time;
    times.set(owner, (times.get(owner) ?? 0) + time);
  }
  const shares = [...times].map(([owner, time]) => [owner, time / busy] as const);
  return new Map(shares.sort(([, one], [, other]) => other - one));
}

/** Returns the package, or the part of Node.js, that a function belongs to. Undefined for idle time. */
function ownerOf({ functionName, url }: CallFrame): string | undefined {
  if (functionName === '(idle)') return undefined;
  if (functionName === '(garbage collector)') return 'garbage collection';
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
  if (name !== undefined) return name;
  if (url.startsWith('node:internal/async_hooks') || url === 'node:async_hooks')
    return 'async_hooks of Node.js';
  if (url.startsWith('node:') || url === '') return 'Node.js and V8';
  if (/\/dist\//.test(url)) return '@org/kafka-otel';
  return /\/floor\.cjs$/.test(url) ? 'the floor' : 'the bench';
}
