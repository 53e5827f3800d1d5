import { diag, type DiagLogger } from '@opentelemetry/api';
import { truncate } from './truncate';
import { PACKAGE_NAME } from './version';

/** Logs each cause once per process, through the instrumentation's `diag` logger. */
export interface Log {
  /** Without a cause the message is always logged; the caller bounds how often. */
  warn(cause: string | undefined, message: string): void;
  /** A failure inside this package or in a user's hook. The program does not see it. */
  fault(where: string, error: unknown): void;
}

export interface Logging {
  readonly log: Log;
}

/** Causes remembered. Later ones are not logged, so that many distinct failures cannot flood a log. */
const MAX_CAUSES = 100;

/** Characters of a failure's text that tell it from others; bounds the memory of what is remembered. */
const MAX_CAUSE = 1000;

export function onceLog(diag: () => DiagLogger): Log {
  const causes = new Set<string>();
  const isNew = (cause: string) => {
    if (causes.has(cause) || causes.size >= MAX_CAUSES) return false;
    causes.add(cause);
    return true;
  };
  return {
    warn(cause, message) {
      if (cause === undefined || isNew(cause)) diag().warn(message);
    },
    fault(where, error) {
      if (isNew(truncate(`${where}: ${textOf(error)}`, MAX_CAUSE)))
        diag().error(
          `caught an error in "${where}". The program is not affected, but telemetry may be missing. Logged once:`,
          error,
        );
    },
  };
}

/** Never throws: a hook may throw any value, also an object that cannot be converted to a string. */
function textOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return typeof error;
  }
}

/** Runs code of this package. A failure is logged and never reaches the program. */
export function attempt<Result>(logging: Logging, where: string, run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    logFault(logging, where, error);
    return undefined;
  }
}

/** For paths of every message, where `attempt` would cost a closure. */
export function logFault({ log }: Logging, where: string, error: unknown): void {
  try {
    log.fault(where, error);
  } catch {
    // The program's own diag logger threw. Nowhere left to report.
  }
}

/** For the result of a user's function that is not awaited: an async one may reject, which would end the process. */
export function ignoreRejection(returned: unknown, report: (error: unknown) => void = () => undefined): void {
  if (typeof (returned as PromiseLike<unknown> | null | undefined)?.then !== 'function') return;
  (returned as PromiseLike<unknown>).then(undefined, report);
}

/** For functions that the program calls directly, where no instrumentation may exist. */
export const packageLogging: Logging = {
  log: onceLog(() => diag.createComponentLogger({ namespace: PACKAGE_NAME })),
};
