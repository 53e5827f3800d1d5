// The steps that make a fresh clone ready: programs that end with this process, whatever ends it.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const running = new Set();

/** Says why it cannot go on, and ends. */
export function giveUp(reason, status = 1) {
  process.stderr.write(`${reason}\n`);
  end(status);
}

/** Runs a program that writes to our stderr. @returns its exit status, 127 if it could not be started. */
export function run(command, args, { stdio = ['ignore', 2, 2] } = {}) {
  return new Promise(resolve => {
    const child = spawn(command, args, { cwd: root, stdio });
    running.add(child);
    const settle = status => {
      running.delete(child);
      resolve(status);
    };
    child.once('error', () => settle(127));
    child.once('exit', status => settle(status ?? 1));
  });
}

/**
 * A signal that npm is sent alone, as by a supervisor, it hands on to its shell and no further. Left behind by the shell we
 * end like after any other signal.
 */
const shell = process.ppid;
setInterval(() => {
  if (process.ppid !== shell) process.kill(process.pid, 'SIGTERM');
}, 1_000).unref();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => end(128 + constants.signals[signal]));
}

/** For the program that goes on in this process and has its own way with signals. */
export function letGoOfSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
}

function end(status) {
  // npm would go on for a while, in silence.
  for (const child of running) child.kill('SIGKILL');
  process.exit(status);
}
