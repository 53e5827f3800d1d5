import { readFileSync, watch } from 'node:fs';
import type { Guarded } from './guard';

/** Returns the text of a log file, or an empty string if the file does not exist. */
export function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export const lastLines = (text: string, count = 15): string =>
  text
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map(line => `    ${line}`)
    .join('\n');

/** The process exited, or took too long, before it was ready. */
export class NotReady extends Error {
  constructor(
    reason: string,
    readonly log: string,
  ) {
    super(`${reason}; the end of its log:\n${lastLines(log)}`);
    this.name = 'NotReady';
  }
}

/**
 * Calls `onChange` with the whole text of a file now and after each change. Returns a function that stops the calls.
 */
export function followLog(path: string, onChange: (text: string) => void): () => void {
  const report = (): void => {
    onChange(readLog(path));
  };
  const watcher = watch(path, report);
  report();
  return () => {
    watcher.close();
  };
}

export interface ReadinessOptions {
  /** Used in error messages. */
  readonly name: string;
  readonly process: Guarded;
  readonly log: string;
  readonly ready: RegExp;
  /** Milliseconds. */
  readonly deadline: number;
}

/**
 * Waits until the log matches `ready`. Rejects with {@link NotReady} if the process exits before that or takes too
 * long.
 */
export async function untilReady({ name, process, log, ready, deadline }: ReadinessOptions): Promise<void> {
  let unfollow = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string): void => {
        reject(new NotReady(`${name} ${reason}`, readLog(log)));
      };
      process.exited.then(status => {
        fail(`ended with status ${status} before it was ready`);
      }, reject);
      timer = setTimeout(() => {
        fail(`was not ready after ${deadline / 1000} s`);
      }, deadline);
      unfollow = followLog(log, text => {
        if (ready.test(text)) resolve();
      });
    });
  } finally {
    unfollow();
    clearTimeout(timer);
  }
}
