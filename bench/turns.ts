// Lets processes alternate, so that their CPU times are comparable: one runs for a few milliseconds while the others
// are stopped.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';

/**
 * How long a process runs before the next one continues, in milliseconds. The speed of a shared machine changes within
 * seconds, so short turns distribute such a change equally. Even shorter turns would distort the results with cold CPU
 * caches.
 */
const TURN = 20;

/**
 * Runs processes one at a time until all have exited, so that other programs slow all of them equally. Only their CPU
 * times are comparable, not their wall times. On Windows, all processes run at once, because Windows has no SIGSTOP.
 */
export async function takeTurns(children: readonly ChildProcess[]): Promise<void> {
  const killAll = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  // If this process exits early, nothing would ever continue the stopped processes. Kill them.
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

/** Ignores a failed start. The code that awaits the result reports the failure. */
const ended = (child: ChildProcess): Promise<unknown> => once(child, 'exit').catch(() => undefined);
