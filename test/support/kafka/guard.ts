import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** A command that cannot outlive this process. */
export interface Guarded {
  /** Settles with the command's exit status, 128 + n when signal n ended it. Rejects only if no shell could be started. */
  readonly exited: Promise<number>;
  /** Sends a signal to the command itself. */
  signal(signal: NodeJS.Signals): void;
  /** Kills the command, runs the clean-up, and waits for both. */
  stop(): Promise<void>;
  /** Lets this process end while the command runs (and thereby ends it). */
  release(): void;
}

export interface GuardOptions {
  readonly command: readonly string[];
  /** Run after the command was stopped or this process has died; not when the command ends by itself. */
  readonly cleanup: readonly string[];
  /** File that receives the command's stdout and stderr. */
  readonly log: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/**
 * Runs a command under a small shell that holds the other end of a pipe to us. However this process goes (stop, exit,
 * uncaught exception, Ctrl-C, SIGKILL), the kernel closes the pipe, and the shell kills the command and cleans up.
 * So no signal listener is needed, and the program keeps its own listeners and its own exit status.
 *
 * The shell keeps our stderr open until the clean-up is done: whoever waits for the end of our output waits for that too.
 */
export function guard(options: GuardOptions): Guarded {
  const shell = spawn('/bin/sh', ['-c', script(options)], {
    // A session of its own: Ctrl-C in the terminal must reach us only, and the shell through the pipe.
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
    env: options.env,
    cwd: options.cwd,
  });
  // Writing to a shell that has just gone is no error: `exited` tells.
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
 * SIGKILL, as the data goes away with the process, and an orderly shutdown could wait long for a peer that is going too.
 * The watching subshell ignores SIGTERM once it has seen the end of the pipe, so its status 0 means: clean up.
 * It is forked before the trap is set: a subshell that inherits a trap can lose a signal that comes before it resets it.
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
told=
trap 'told=yes; kill -s KILL "$child" 2>/dev/null' HUP INT TERM
exec 3<&-
wait "$child" 2>/dev/null
status=$?
if [ -n "$told" ]; then wait "$child" 2>/dev/null; fi
kill -s TERM "$watch" 2>/dev/null
if wait "$watch" 2>/dev/null || [ -n "$told" ]; then ${line(cleanup)} >>/dev/null; fi
exit "$status"
`;
