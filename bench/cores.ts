import { spawnSync } from 'node:child_process';

/** Runs a command on one processor core; from Linux's util-linux, and nowhere else. */
const TASKSET = 'taskset';

/**
 * The processor cores that this process may use; one that has no number where none can be chosen. What the machine's other users do makes
 * one core slow and not the next, so that what is compared has to be on the same.
 */
export function usableCores(): (number | undefined)[] {
  const { status, stdout } = spawnSync(TASKSET, ['--cpu-list', '--pid', `${process.pid}`], {
    encoding: 'utf8',
  });
  const [, list] = status === 0 ? (/: ([\d,-]+)\s*$/.exec(stdout) ?? []) : [];
  return list === undefined ? [undefined] : numbersIn(list);
}

/** The numbers of a list like `0,2-4`. */
export function numbersIn(list: string): number[] {
  return list.split(',').flatMap(range => {
    const [first = NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** A command and its arguments, such that it runs on that core. */
export const onCore = (core: number | undefined, command: readonly string[]): readonly string[] =>
  core === undefined ? command : [TASKSET, '--cpu-list', `${core}`, ...command];
