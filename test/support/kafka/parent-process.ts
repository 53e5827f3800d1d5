import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const ROOT = join(__dirname, '..', '..', '..');

export interface Parent {
  readonly pid: number;
  /** Waits for a line of its stdout that matches; rejects when its stdout ends without one. */
  says(line: RegExp): Promise<string>;
  /** How it ended: status or signal. Settles only when all that hold its stderr have gone too, its guards among them. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly stderr: Promise<string>;
}

/** Runs TypeScript statements in a process of their own, the leader of a process group as under a terminal. */
export function parentProcess(code: string, env: NodeJS.ProcessEnv = process.env): Parent {
  const child = spawn(process.execPath, ['--import', 'tsx', '--eval', code], {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error('the parent process could not be started');
  const stderr = text(child.stderr);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  return {
    pid: child.pid,
    stderr,
    ended: once(child, 'close').then(
      ([status, signal]) => (status ?? signal) as number | NodeJS.Signals | null,
    ),
    async says(line) {
      for (;;) {
        const match = line.exec(said);
        if (match) return match[0];
        if (child.stdout.readableEnded)
          throw new Error(`it ended without saying ${line}: ${said}${await stderr}`);
        await Promise.race([once(child.stdout, 'data'), once(child.stdout, 'end')]);
      }
    },
  };
}
