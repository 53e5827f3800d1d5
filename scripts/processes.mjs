// Runs child processes, and kills them when this process exits.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const running = new Set();

export function exitWith(reason, status = 1) {
  process.stderr.write(`${reason}\n`);
  end(status);
}

/**
 * Runs a program and sends its output to stderr.
 *
 * @returns the exit status of the program, or 127 if it could not be started
 */
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
 * npm starts this process through a shell and sends signals only to the shell. If the shell has ended, this process
 * must end too.
 */
const shell = process.ppid;
setInterval(() => {
  if (process.ppid !== shell) process.kill(process.pid, 'SIGTERM');
}, 1_000).unref();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => end(128 + constants.signals[signal]));
}

/** Call this before a program with its own signal handlers starts in this process. */
export function removeSignalHandlers() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
}

function end(status) {
  // Kill the children with SIGKILL. Otherwise npm would continue for a while without output.
  for (const child of running) child.kill('SIGKILL');
  process.exit(status);
}
