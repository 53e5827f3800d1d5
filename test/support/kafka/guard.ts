import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** A child process that is killed when this process ends. */
export interface Guarded {
  /**
   * Resolves with the exit status of the command, or with 128 + n after signal n. Rejects only if the shell cannot be
   * started.
   */
  readonly exited: Promise<number>;
  /** Sends a signal to the command, but not to the shell. */
  signal(signal: NodeJS.Signals): void;
  /** Kills the command and runs the clean-up command. Resolves when both are done. */
  stop(): Promise<void>;
  /** Lets this process exit while the command is still running. The shell then kills the command. */
  release(): void;
}

export interface GuardOptions {
  readonly command: readonly string[];
  /** Command that runs after `stop`, or after this process has ended, but not if the main command exits by itself. */
  readonly cleanup: readonly string[];
  /** File for the output of the command. */
  readonly log: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/**
 * Runs a command under a small shell that reads a pipe from this process. When this process ends, even by SIGKILL, the
 * kernel closes the pipe. The shell then kills the command and runs the clean-up. This needs no signal listeners in
 * this process, so its signal handling and exit status stay the same.
 *
 * The shell keeps stderr of this process open until the clean-up is done. A caller that reads stderr to its end
 * therefore also waits for the clean-up.
 */
export function guard(options: GuardOptions): Guarded {
  const shell = spawn('/bin/sh', ['-c', script(options)], {
    // Run the shell in its own session, so that Ctrl-C in the terminal does not reach the shell. The closed pipe stops
    // it instead.
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
    env: options.env,
    cwd: options.cwd,
  });
  // A write fails with EPIPE if the shell has just exited. Ignore this error: `exited` reports the exit.
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
 * Returns the shell script.
 *
 * - SIGKILL is enough for commands: a graceful shutdown could wait long for other brokers, and the data is removed
 * anyway.
 * - A background process reads the pipe. After the end of the pipe, it ignores SIGTERM and exits with status 0, so that
 * the clean-up runs.
 * - The background process starts before `trap`, because a process that inherits a trap can lose signals at its start.
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
