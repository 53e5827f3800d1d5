import { spawnSync } from 'node:child_process';
import type { Benchmark } from './benchmark';

/** Number of a CPU core. Undefined if this system cannot pin a process to a core. */
type Core = number | undefined;

/** The Linux command that pins a process to a CPU core (package util-linux). */
const TASKSET = 'taskset';

/**
 * Returns the CPU cores that this process may use, or `[undefined]` if the system cannot pin processes. Processes are
 * comparable only on the same core, because other programs may slow down a single core.
 */
export function usableCores(): Core[] {
  const { status, stdout } = spawnSync(TASKSET, ['--cpu-list', '--pid', `${process.pid}`], {
    encoding: 'utf8',
  });
  const [, list] = status === 0 ? (/: ([\d,-]+)\s*$/.exec(stdout) ?? []) : [];
  return list === undefined ? [undefined] : numbersIn(list);
}

/** Converts a list such as `0,2-4` to numbers. */
export function numbersIn(list: string): number[] {
  return list.split(',').flatMap(range => {
    const [first = NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

export const onCore = (core: Core, command: readonly string[]): readonly string[] =>
  core === undefined ? command : [TASKSET, '--cpu-list', `${core}`, ...command];

/** Maximum number of benchmarks that run at the same time, each on its own CPU core. */
const MAX_CONCURRENCY = 4;

/** Starts the benchmarks in the order of the list. At any time, a core runs one benchmark. */
export async function runOnCores(
  benchmarks: readonly Benchmark[],
  run: (benchmark: Benchmark, core: Core) => Promise<void>,
): Promise<void> {
  const waiting = [...benchmarks].reverse();
  const runOn = async (core: Core) => {
    for (let benchmark = waiting.pop(); benchmark; benchmark = waiting.pop()) await run(benchmark, core);
  };
  await Promise.all(usableCores().slice(0, MAX_CONCURRENCY).map(runOn));
}
