// Processes that are compared run in turns, each for a moment while the others are stopped.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';

/**
 * How long a turn is, in milliseconds. A machine that others use too is fast for a second and slow for the next one, by a half: turns are
 * far shorter than that, and long enough for caches that are cold at their beginning to make no difference.
 */
const TURN = 20;

/**
 * Lets processes run one at a time until all have ended; whatever slows the machine down meets all of them alike. A process cannot
 * tell, but by the clock: what it measures has to be processor time. Where there are no signals that stop a process, on Windows,
 * all run at once.
 */
export async function takeTurns(children: readonly ChildProcess[]): Promise<void> {
  const killAll = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  // One that is stopped would stay so when this process is gone.
  process.once('exit', killAll);
  try {
    const ends = new Map(children.map(child => [child, ended(child)]));
    if (process.platform === 'win32') await Promise.all(ends.values());
    else await takeThem(ends);
  } finally {
    process.off('exit', killAll);
  }
}

async function takeThem(ends: ReadonlyMap<ChildProcess, Promise<unknown>>): Promise<void> {
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

/** One that cannot be started says so where its result is waited for. */
const ended = (child: ChildProcess): Promise<unknown> => once(child, 'exit').catch(() => undefined);
