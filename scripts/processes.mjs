// Child processes that are killed when this process exits for any reason.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const running = new Set();

/** Prints the reason and exits. */
export function exitWith(reason, status = 1) {
  process.stderr.write(`${reason}\n`);
  end(status);
}

/** Runs a program; its output goes to stderr. @returns its exit status, or 127 if it could not be started. */
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

/** npm passes a signal on to its shell only. When the shell is gone, exit as after a signal of our own. */
const shell = process.ppid;
setInterval(() => {
  if (process.ppid !== shell) process.kill(process.pid, 'SIGTERM');
}, 1_000).unref();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => end(128 + constants.signals[signal]));
}

/** Call it before a program with its own signal handlers continues in this process. */
export function removeSignalHandlers() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
}

function end(status) {
  // npm would continue for a while without output.
  for (const child of running) child.kill('SIGKILL');
  process.exit(status);
}
