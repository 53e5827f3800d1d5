import { context as contextApi, type Context } from '@opentelemetry/api';
import type { Runtime } from '../runtime';
import { logFault } from '../support/guard';

/** Telemetry of one call: a span, a measurement, or several of these composed. Ended exactly once. */
export interface Operation {
  /** The context that the call runs in, for `runInside`. */
  readonly context?: Context | undefined;
  end(result: unknown): void;
  fail(error: unknown): void;
}

/** Several operations as one. A failure in one does not keep the others from ending. */
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

/** Calls the client library once, at once. The operation is not active inside: the library's own work is not the program's. */
export function runAround<Result>(runtime: Runtime, operation: Operation, call: () => Result): Result {
  let result: Result;
  try {
    result = call();
  } catch (error) {
    // kafkajs rejects and never throws, but a wrapper of someone else below ours may.
    failSafely(runtime, operation, error);
    throw error;
  }
  return endWith(runtime, operation, result);
}

/** Calls the program's handler once, at once, in the context of the operation. */
export function runInside<Result>(runtime: Runtime, operation: Operation, call: () => Result): Result {
  return runAround(runtime, operation, () => callInContext(runtime, operation.context, call));
}

/** Calls exactly once, also if the context manager throws before or after the call. */
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
 * Ends the operation when the result settles. The one derived promise is what the program gets, so that a rejection nobody
 * handles is reported once, as without instrumentation.
 */
function endWith<Result>(runtime: Runtime, operation: Operation, result: Result): Result {
  if (!isThenable(result)) {
    endSafely(runtime, operation, result);
    return result;
  }
  // `Promise.resolve` returns a native promise as it is. Another thenable need not return a promise from `then`.
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
    // Its getter throws. Awaiting it rejects with that error, as it does without instrumentation.
    return true;
  }
}
