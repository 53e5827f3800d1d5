import { readFileSync, watch } from 'node:fs';
import type { Guarded } from './guard';

/** The text of a log file; empty when there is none. */
export function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The end of a log, indented, for an error message. */
export const lastLines = (text: string, count = 15): string =>
  text
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map(line => `    ${line}`)
    .join('\n');

/** Why a started process is not ready; the log tells more. */
export class NotReady extends Error {
  constructor(
    reason: string,
    readonly log: string,
  ) {
    super(`${reason}; the end of its log:\n${lastLines(log)}`);
    this.name = 'NotReady';
  }
}

/** Calls `onChange` with the whole text each time the file grows, and once now; returns what ends that. */
export function followLog(path: string, onChange: (text: string) => void): () => void {
  const look = (): void => {
    onChange(readLog(path));
  };
  const watcher = watch(path, look);
  look();
  return () => {
    watcher.close();
  };
}

export interface Awaited {
  /** What the process is called in an error message. */
  readonly name: string;
  readonly process: Guarded;
  readonly log: string;
  readonly ready: RegExp;
  /** Milliseconds after which waiting fails. */
  readonly deadline: number;
}

/** Waits until a line of the log matches; rejects with {@link NotReady} when the process ends first or takes too long. */
export async function untilReady({ name, process, log, ready, deadline }: Awaited): Promise<void> {
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
