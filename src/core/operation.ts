import { context as contextApi, type Context } from '@opentelemetry/api';
import type { Runtime } from '../runtime';
import { attempt, logFault } from '../support/guard';

/** The telemetry of one call: a span, a measurement, or both. Call exactly one of `end`, `fail` and `abandon`, once. */
export interface Operation {
  readonly context?: Context | undefined;
  end(result: unknown): void;
  fail(error: unknown): void;
  /** Call this instead of `end` or `fail` if the promise of the call will never settle. */
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

/**
 * Keeps the operations of pending calls, to end them at a disconnect. Confluent's client never settles a send that is
 * still pending at that time.
 */
export class PendingOperations {
  readonly #pending = new Set<Operation>();

  /** The returned operation ends when the call settles, unless `abandon()` has already ended it. */
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
 * Calls the client library exactly once and synchronously. The span is not active during the call, so that the library's
 * internal work does not create child spans.
 */
export function runAround<Result>(runtime: Runtime, operation: Operation, call: () => Result): Result {
  let result: Result;
  try {
    result = call();
  } catch (error) {
    // Client libraries return rejected promises and do not throw. But another package's wrapper around the library may throw.
    failSafely(runtime, operation, error);
    throw error;
  }
  return endWith(runtime, operation, result);
}

/** Calls the program's handler exactly once and synchronously, in the context of the operation. */
export function runInside<Result>(runtime: Runtime, operation: Operation, call: () => Result): Result {
  return runAround(runtime, operation, () => callInContext(runtime, operation.context, call));
}

/** Runs `call` exactly once, even if the context manager throws before or after it. */
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
 * Ends the operation when the promise settles. `then` creates only one new promise, and the program gets it. With two
 * new promises, Node.js would report an unhandled rejection twice.
 */
function endWith<Result>(runtime: Runtime, operation: Operation, result: Result): Result {
  if (!isThenable(result)) {
    endSafely(runtime, operation, result);
    return result;
  }
  // `Promise.resolve` returns a native promise unchanged and converts any other thenable to a promise. The conversion
  // is needed because the `then` method of such an object does not always return a promise.
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
    // The getter of `then` threw. The value counts as a thenable, so the program gets this error as a rejection, as without
    // instrumentation.
    return true;
  }
}
