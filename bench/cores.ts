import { spawnSync } from 'node:child_process';
import type { Cell } from './cell';

/** Number of a CPU core; undefined where cores cannot be chosen. */
type Core = number | undefined;

/** Pins a command to a CPU core. Linux only (util-linux). */
const TASKSET = 'taskset';

/**
 * The CPU cores that this process may use; `[undefined]` where cores cannot be chosen. Other load slows single cores, so samples
 * that are compared must run on the same core.
 */
export function usableCores(): Core[] {
  const { status, stdout } = spawnSync(TASKSET, ['--cpu-list', '--pid', `${process.pid}`], {
    encoding: 'utf8',
  });
  const [, list] = status === 0 ? (/: ([\d,-]+)\s*$/.exec(stdout) ?? []) : [];
  return list === undefined ? [undefined] : numbersIn(list);
}

/** Expands a list such as `0,2-4`. */
export function numbersIn(list: string): number[] {
  return list.split(',').flatMap(range => {
    const [first = NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Prefixes a command so that it runs on this core. */
export const onCore = (core: Core, command: readonly string[]): readonly string[] =>
  core === undefined ? command : [TASKSET, '--cpu-list', `${core}`, ...command];

/** Cells that run concurrently, each on its own core. */
const MAX_CONCURRENCY = 4;

/** Starts these cells in this order, one at a time on each core. */
export async function runOnCores(
  cells: readonly Cell[],
  run: (cell: Cell, core: Core) => Promise<void>,
): Promise<void> {
  const waiting = [...cells].reverse();
  const runOn = async (core: Core) => {
    for (let cell = waiting.pop(); cell; cell = waiting.pop()) await run(cell, core);
  };
  await Promise.all(usableCores().slice(0, MAX_CONCURRENCY).map(runOn));
}
