import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** A child process that cannot outlive this process. */
export interface Guarded {
  /** Resolves with the exit status, 128 + n after signal n. Rejects only if the shell could not be started. */
  readonly exited: Promise<number>;
  /** Sends a signal to the command, not to the shell. */
  signal(signal: NodeJS.Signals): void;
  /** Kills the command, runs the clean-up and waits for both. */
  stop(): Promise<void>;
  /** Lets this process exit while the command runs, which then ends it. */
  release(): void;
}

export interface GuardOptions {
  readonly command: readonly string[];
  /** Runs after the command was stopped or this process died; not when the command exits by itself. */
  readonly cleanup: readonly string[];
  /** File that receives the command's stdout and stderr. */
  readonly log: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/**
 * Runs a command under a small shell that reads a pipe from this process. However this process ends (stop, exit, uncaught
 * exception, Ctrl-C, SIGKILL), the kernel closes the pipe, and the shell kills the command and cleans up. This needs no
 * signal listeners, so the exit status and the signal handling of this process stay unchanged.
 *
 * The shell holds this process's stderr open until the clean-up is done, so waiting for the end of stderr waits for it.
 */
export function guard(options: GuardOptions): Guarded {
  const shell = spawn('/bin/sh', ['-c', script(options)], {
    // Own session: Ctrl-C in the terminal must not reach the shell, which learns of the end through the pipe.
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
    env: options.env,
    cwd: options.cwd,
  });
  // A write to a shell that has just exited fails with EPIPE; `exited` reports the exit.
  shell.stdin.on('error', () => undefined);
  const exited = new Promise<number>((resolve, reject) => {
    shell.once('error', reject);
    shell.once('exit', (status, signal) => {
      resolve(status ?? (signal === null ? 1 : 128));
    });
  });
  exited.catch(() => undefined);
  return {
    exited,
    signal(signal) {
      shell.stdin.write(`${signal.replace(/^SIG/, '')}\n`);
    },
    async stop() {
      shell.ref();
      shell.stdin.end();
      await exited;
    },
    release() {
      shell.unref();
      if (shell.stdin instanceof Socket) shell.stdin.unref();
    },
  };
}

const quote = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
const line = (words: readonly string[]): string => words.map(quote).join(' ');

/**
 * SIGKILL: the data is removed anyway, and a graceful shutdown could wait long for a peer that is stopping too.
 * The watching subshell ignores SIGTERM after the end of the pipe, so its status 0 means that the clean-up must run.
 * It is forked before the trap is set: a subshell that inherits a trap can lose a signal that arrives before it resets it.
 */
const script = ({ command, cleanup, log }: GuardOptions): string => `
exec 3<&0 </dev/null
${line(command)} >>${quote(log)} 2>&1 3<&- &
child=$!
(
  while read -r signal <&3; do kill -s "$signal" "$child" 2>/dev/null; done
  trap '' TERM
  kill -s KILL "$child" 2>/dev/null
  exit 0
) &
watch=$!
signalled=
trap 'signalled=yes; kill -s KILL "$child" 2>/dev/null' HUP INT TERM
exec 3<&-
wait "$child" 2>/dev/null
status=$?
if [ -n "$signalled" ]; then wait "$child" 2>/dev/null; fi
kill -s TERM "$watch" 2>/dev/null
if wait "$watch" 2>/dev/null || [ -n "$signalled" ]; then ${line(cleanup)} >>/dev/null; fi
exit "$status"
`;
