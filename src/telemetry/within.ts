import { context as contextApi, type Context } from '@opentelemetry/api';
import { attempt, fault, type Telemetry } from './telemetry';

/** How an operation learns what became of the call it stands for. */
export interface Ending {
  end(result: unknown): void;
  fail(error: unknown): void;
}

/** Several endings as one: what fails in one of them does not keep the others from their end. */
export class Together implements Ending {
  readonly #endings: readonly (Ending | undefined)[];

  constructor(
    private readonly telemetry: Telemetry,
    ...endings: readonly (Ending | undefined)[]
  ) {
    this.#endings = endings;
  }

  end(result: unknown): void {
    for (const ending of this.#endings) if (ending) tellEnd(this.telemetry, ending, result);
  }

  fail(reason: unknown): void {
    for (const ending of this.#endings) if (ending) tellFailure(this.telemetry, ending, reason);
  }
}

/** What surrounds a call of the program's code. */
export interface Surroundings extends Ending {
  readonly context: Context;
}

/** A handler's surroundings and, where it is followed, its run: two endings for every message, without a list of them. */
export class Within implements Surroundings {
  readonly context: Context;

  constructor(
    private readonly telemetry: Telemetry,
    private readonly operation: Surroundings,
    private readonly run: Ending | undefined,
  ) {
    this.context = operation.context;
  }

  end(result: unknown): void {
    tellEnd(this.telemetry, this.operation, result);
    if (this.run) tellEnd(this.telemetry, this.run, result);
  }

  fail(reason: unknown): void {
    tellFailure(this.telemetry, this.operation, reason);
    if (this.run) tellFailure(this.telemetry, this.run, reason);
  }
}

type Outcome<Result> = { readonly returned: Result } | { readonly thrown: unknown };

/**
 * Calls the program's function exactly once, in the context of an operation that ends when the function's promise settles.
 * Result or error come out as they are, synchronous where they were synchronous; without an operation it is a plain call.
 *
 * @param otherwise - what learns of the call's end where no operation could be started
 */
export function callWithin<Result>(
  telemetry: Telemetry,
  start: () => Surroundings | undefined,
  call: () => Result,
  otherwise?: Ending,
): Result {
  const operation = attempt(telemetry, 'start', start);
  if (!operation) return otherwise ? callAround(telemetry, otherwise, call) : call();
  let outcome: Outcome<Result> | undefined;
  const record = () => {
    try {
      outcome = { returned: call() };
    } catch (thrown) {
      outcome = { thrown };
    }
  };
  try {
    contextApi.with(operation.context, record);
  } catch (error) {
    fault(telemetry, 'context', error);
  }
  // A context manager that fails before it calls must not cost the program its call.
  if (!outcome) record();
  return finish(telemetry, operation, outcome as unknown as Outcome<Result>);
}

/** Calls kafkajs on behalf of the program, exactly once, around an operation that is under way but not active in the call. */
export function callAround<Result>(telemetry: Telemetry, operation: Ending, call: () => Result): Result {
  let result: Result;
  try {
    result = call();
  } catch (thrown) {
    // kafkajs rejects and never throws, but another wrapper below ours may.
    return finish(telemetry, operation, { thrown });
  }
  return finish(telemetry, operation, { returned: result });
}

function finish<Result>(telemetry: Telemetry, operation: Ending, outcome: Outcome<Result>): Result {
  if (!('thrown' in outcome)) return settle(telemetry, operation, outcome.returned);
  tellFailure(telemetry, operation, outcome.thrown);
  throw outcome.thrown;
}

/**
 * Ends an operation when the value it produced settles. The one promise derived here is what the program gets, so that a
 * rejection nobody handles is reported once, as without us; a value that is no promise is final as it is.
 */
function settle<Result>(telemetry: Telemetry, operation: Ending, result: Result): Result {
  if (!isThenable(result)) {
    tellEnd(telemetry, operation, result);
    return result;
  }
  // A native promise passes through `resolve` as it is; any other thenable need not return one from its own `then`.
  return Promise.resolve(result).then(
    value => {
      tellEnd(telemetry, operation, value);
      return value;
    },
    (reason: unknown) => {
      tellFailure(telemetry, operation, reason);
      throw reason;
    },
  ) as Result;
}

function tellEnd(telemetry: Telemetry, operation: Ending, result: unknown): void {
  try {
    operation.end(result);
  } catch (error) {
    fault(telemetry, 'end', error);
  }
}

function tellFailure(telemetry: Telemetry, operation: Ending, reason: unknown): void {
  try {
    operation.fail(reason);
  } catch (error) {
    fault(telemetry, 'end', error);
  }
}

function isThenable(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    // Awaiting it rejects with what its getter throws, and so it must here.
    return true;
  }
}
