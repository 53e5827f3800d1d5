import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const ROOT = join(__dirname, '..', '..', '..');

export interface Parent {
  readonly pid: number;
  /** Waits until the output matches the pattern. Rejects if the process closes its output before that. */
  output(pattern: RegExp): Promise<string>;
  /**
   * Exit status or signal. Resolves when all processes that share stderr have exited, including the processes that
   * `guard.ts` started.
   */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly stderr: Promise<string>;
}

/** Runs TypeScript code in a new process with its own process group, as a terminal does. */
export function parentProcess(code: string, env: NodeJS.ProcessEnv = process.env): Parent {
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', code], {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error('the parent process could not be started');
  const stderr = text(child.stderr);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  return {
    pid: child.pid,
    stderr,
    ended: once(child, 'close').then(
      ([status, signal]) => (status ?? signal) as number | NodeJS.Signals | null,
    ),
    async output(pattern) {
      for (;;) {
        const match = pattern.exec(stdout);
        if (match) return match[0];
        if (child.stdout.readableEnded)
          throw new Error(
            `the process ended before it wrote ${pattern}. Its output:\n${stdout}${await stderr}`,
          );
        await Promise.race([once(child.stdout, 'data'), once(child.stdout, 'end')]);
      }
    },
  };
}
