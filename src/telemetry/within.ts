import { context as contextApi, type Context } from '@opentelemetry/api';
import { attempt, type Telemetry } from './telemetry';

/** What surrounds a call of the program's code. */
interface Surroundings {
  readonly context: Context;
  end(result: unknown): void;
  fail(error: unknown): void;
}

type Outcome<Result> = { readonly returned: Result } | { readonly thrown: unknown };

/**
 * Calls the program's function exactly once, in the context of an operation that ends when the function's promise settles.
 * Result or error come out as they are, synchronous where they were synchronous; without an operation it is a plain call.
 */
export function callWithin<Result>(
  telemetry: Telemetry,
  start: () => Surroundings | undefined,
  call: () => Result,
): Result {
  const operation = attempt(telemetry, 'start', start);
  if (!operation) return call();
  let outcome: Outcome<Result> | undefined;
  const record = () => {
    try {
      outcome = { returned: call() };
    } catch (thrown) {
      outcome = { thrown };
    }
  };
  attempt(telemetry, 'context', () => {
    contextApi.with(operation.context, record);
  });
  // A context manager that fails before it calls must not cost the program its call.
  if (!outcome) record();
  return finish(telemetry, operation, outcome as unknown as Outcome<Result>);
}

function finish<Result>(telemetry: Telemetry, operation: Surroundings, outcome: Outcome<Result>): Result {
  if ('thrown' in outcome) {
    attempt(telemetry, 'end', () => {
      operation.fail(outcome.thrown);
    });
    throw outcome.thrown;
  }
  return settle(telemetry, operation, outcome.returned);
}

/**
 * Ends an operation when the value it produced settles. The one promise derived here is what the program gets, so that a
 * rejection nobody handles is reported once, as without us; a value that is no promise is final as it is.
 */
export function settle<Result>(
  telemetry: Telemetry,
  operation: Pick<Surroundings, 'end' | 'fail'>,
  result: Result,
): Result {
  if (!isPromise(result)) {
    attempt(telemetry, 'end', () => {
      operation.end(result);
    });
    return result;
  }
  return result.then(
    value => {
      attempt(telemetry, 'end', () => {
        operation.end(value);
      });
      return value;
    },
    (reason: unknown) => {
      attempt(telemetry, 'end', () => {
        operation.fail(reason);
      });
      throw reason;
    },
  ) as Result;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
