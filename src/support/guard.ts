import { diag, type DiagLogger } from '@opentelemetry/api';
import { truncate } from './truncate';
import { PACKAGE_NAME } from './version';

/** Logs each cause once per process, through the instrumentation's `diag` logger. */
export interface Log {
  /** Without a cause, every message is logged. The caller must then limit the number of calls. */
  warn(cause: string | undefined, message: string): void;
  /** Logs a failure inside this package or in a user's hook. The program does not notice the failure. */
  fault(where: string, error: unknown): void;
}

export interface Logging {
  readonly log: Log;
}

/** After this many causes, further causes are not logged, so that failures cannot fill a log. */
const MAX_CAUSES = 100;

/** How many characters of a failure's text are compared and kept in memory. */
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
          `caught an error in "${where}". The program is not affected, but telemetry may be missing. This error is logged only once:`,
          error,
        );
    },
  };
}

/** Never throws. A hook may throw any value, even an object that cannot be converted to a string. */
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

/**
 * For code that runs for every message. A `try` block that calls this function is cheaper than `attempt`, which needs a
 * closure.
 */
export function logFault({ log }: Logging, where: string, error: unknown): void {
  try {
    log.fault(where, error);
  } catch {
    // The program's diag logger threw, so the error cannot be reported.
  }
}

/**
 * Call it with the result of a user's function that is not awaited. If the function is async, its rejection would
 * otherwise end the process.
 */
export function ignoreRejection(returned: unknown, report: (error: unknown) => void = () => undefined): void {
  if (typeof (returned as PromiseLike<unknown> | null | undefined)?.then !== 'function') return;
  (returned as PromiseLike<unknown>).then(undefined, report);
}

/** Logging for functions that the program calls directly. They may be called without an instrumentation. */
export const packageLogging: Logging = {
  log: onceLog(() => diag.createComponentLogger({ namespace: PACKAGE_NAME })),
};
