// Runs the processes that are compared in turns: one for a few milliseconds while the others are stopped.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';

/**
 * Length of a turn, in milliseconds. Far shorter than the seconds over which the speed of a shared machine changes, and long enough
 * that cold caches at the start of a turn do not matter.
 */
const TURN = 20;

/**
 * Runs processes one at a time until all have exited, so that other load affects them equally. Only CPU time is valid in such a
 * process, not wall time. On Windows, which has no SIGSTOP, all run at once.
 */
export async function takeTurns(children: readonly ChildProcess[]): Promise<void> {
  const killAll = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  // Otherwise a stopped child would outlive this process.
  process.once('exit', killAll);
  try {
    const ends = new Map(children.map(child => [child, ended(child)]));
    if (process.platform === 'win32') await Promise.all(ends.values());
    else await alternate(ends);
  } finally {
    process.off('exit', killAll);
  }
}

async function alternate(ends: ReadonlyMap<ChildProcess, Promise<unknown>>): Promise<void> {
  let running = [...ends.keys()].filter(isRunning);
  for (const child of running) child.kill('SIGSTOP');
  while (running.length > 0) {
    for (const child of running) {
      child.kill('SIGCONT');
      await Promise.race([delay(TURN), ends.get(child)]);
      child.kill('SIGSTOP');
    }
    running = running.filter(isRunning);
  }
}

const isRunning = ({ exitCode, signalCode, pid }: ChildProcess): boolean =>
  pid !== undefined && exitCode === null && signalCode === null;

/** A start failure is reported by the code that awaits the result. */
const ended = (child: ChildProcess): Promise<unknown> => once(child, 'exit').catch(() => undefined);
