// Whose code the processor time of a sample goes to, by V8's sampling profiler.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cell, Variant } from './cell';
import { runSample, type SampleOptions } from './run-sample';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
}

/** A `.cpuprofile`, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  /** Microseconds between samples. */
  readonly timeDeltas: readonly number[];
}

/** Shares of the time that the process was not idle, by owner, the largest first. */
export type Shares = ReadonlyMap<string, number>;

/** Long enough for the start of the process to be lost in it. */
const ENV = { BENCH_DURATION: '4000', BENCH_YARDSTICK: 'no' };

/** Profiles one sample of a cell. */
export async function profile(cell: Cell, variant: Variant, options: SampleOptions): Promise<Shares> {
  const folder = mkdtempSync(join(tmpdir(), 'profile-'));
  try {
    await runSample(cell, variant, {
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

/** A package, or a part of Node.js; `undefined` for time in which nothing ran. */
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
