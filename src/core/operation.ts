import { context as contextApi, type Context } from '@opentelemetry/api';
import type { Runtime } from '../runtime';
import { attempt, logFault } from '../support/guard';

/** The telemetry of one call: a span, a measurement, or both. Call exactly one of `end`, `fail` and `abandon`, once. */
export interface Operation {
  /** The context that the call runs in, for `runInside`. */
  readonly context?: Context | undefined;
  end(result: unknown): void;
  fail(error: unknown): void;
  /** Ends the operation of a call that will never settle. */
  abandon?(): void;
}

/** Combines several operations into one. If one of them throws, the others still end. */
export function composeOperations(
  runtime: Runtime,
  operations: readonly (Operation | undefined)[],
): Operation {
  return new ComposedOperation(runtime, operations);
}

class ComposedOperation implements Operation {
  constructor(
    private readonly runtime: Runtime,
    private readonly operations: readonly (Operation | undefined)[],
  ) {}

  get context(): Context | undefined {
    for (const operation of this.operations) if (operation?.context) return operation.context;
    return undefined;
  }

  end(result: unknown): void {
    for (const operation of this.operations) if (operation) endSafely(this.runtime, operation, result);
  }

  fail(reason: unknown): void {
    for (const operation of this.operations) if (operation) failSafely(this.runtime, operation, reason);
  }

  abandon(): void {
    for (const operation of this.operations)
      attempt(this.runtime, 'end', () => {
        operation?.abandon?.();
      });
  }
}

/** The operations of pending calls, for a library whose calls may never settle. */
export class PendingOperations {
  readonly #pending = new Set<Operation>();

  /** Ends an operation when its call settles, or with `abandon()`, whichever comes first. */
  track(operation: Operation): Operation {
    const pending = this.#pending;
    pending.add(operation);
    return {
      end(result) {
        if (pending.delete(operation)) operation.end(result);
      },
      fail(error) {
        if (pending.delete(operation)) operation.fail(error);
      },
    };
  }

  /** Ends the operations of all pending calls. */
  abandon(): void {
    const abandoned = [...this.#pending];
    this.#pending.clear();
    for (const operation of abandoned) operation.abandon?.();
  }
}

function endSafely(runtime: Runtime, operation: Operation, result: unknown): void {
  try {
    operation.end(result);
  } catch (error) {
    logFault(runtime, 'end', error);
  }
}

function failSafely(runtime: Runtime, operation: Operation, reason: unknown): void {
  try {
    operation.fail(reason);
  } catch (error) {
    logFault(runtime, 'end', error);
  }
}

/**
 * Calls the client library exactly once, immediately. The operation's span is not active during the call, so that the
 * library's internal work does not create child spans.
 */
export function runAround<Result>(runtime: Runtime, operation: Operation, call: () => Result): Result {
  let result: Result;
  try {
    result = call();
  } catch (error) {
    // kafkajs rejects and never throws. But a foreign wrapper between our wrapper and kafkajs may throw.
    failSafely(runtime, operation, error);
    throw error;
  }
  return endWith(runtime, operation, result);
}

/** Calls the program's handler exactly once, immediately, in the context of the operation. */
export function runInside<Result>(runtime: Runtime, operation: Operation, call: () => Result): Result {
  return runAround(runtime, operation, () => callInContext(runtime, operation.context, call));
}

/** Calls `call` exactly once, even if the context manager throws before or after it. */
function callInContext<Result>(runtime: Runtime, context: Context | undefined, call: () => Result): Result {
  if (!context) return call();
  let outcome: { readonly returned: Result } | { readonly thrown: unknown } | undefined;
  const callOnce = () => {
    try {
      outcome = { returned: call() };
    } catch (thrown) {
      outcome = { thrown };
    }
  };
  try {
    contextApi.with(context, callOnce);
  } catch (error) {
    logFault(runtime, 'context', error);
  }
  const finished = outcome as { readonly returned: Result } | { readonly thrown: unknown } | undefined;
  if (!finished) return call();
  if ('thrown' in finished) throw finished.thrown;
  return finished.returned;
}

/**
 * Ends the operation when the promise settles. Derives exactly one promise, which the program gets. So an unhandled rejection
 * is reported once, as without instrumentation.
 */
function endWith<Result>(runtime: Runtime, operation: Operation, result: Result): Result {
  if (!isThenable(result)) {
    endSafely(runtime, operation, result);
    return result;
  }
  // `Promise.resolve` returns a native promise unchanged. Other thenables are converted, because their `then` may not return a
  // promise.
  return Promise.resolve(result).then(
    value => {
      endSafely(runtime, operation, value);
      return value;
    },
    (reason: unknown) => {
      failSafely(runtime, operation, reason);
      throw reason;
    },
  ) as Result;
}

function isThenable(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    // The getter of `then` throws. The value counts as a thenable, so that `await` rejects with that error, as without
    // instrumentation.
    return true;
  }
}
