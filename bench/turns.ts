// Lets processes alternate, so that their CPU times can be compared: one runs for a few milliseconds while the others are stopped.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';

/**
 * How long one process runs before the next one continues, in milliseconds. The speed of a shared machine changes over
 * seconds. With short turns, such a change affects all processes equally. With even shorter turns, cold CPU caches would
 * distort the results.
 */
const TURN = 20;

/**
 * Runs processes one at a time until all have exited, so that other programs slow all of them equally. Only the CPU time of such a
 * process is meaningful, not its wall time. Windows has no SIGSTOP, so there all processes run at once.
 */
export async function takeTurns(children: readonly ChildProcess[]): Promise<void> {
  const killAll = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  // If this process exits early, kill the stopped processes, because nothing would ever continue them.
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

/** Ignore a failed start here. The code that awaits the result reports it. */
const ended = (child: ChildProcess): Promise<unknown> => once(child, 'exit').catch(() => undefined);
