import type { HeadersByIndex, TopicMessages, TraceHeaders } from '../../core/port';
import { staleKeys } from '../../propagation/inject';
import type { Runtime } from '../../runtime';
import { attempt } from '../../support/guard';
import { wrapMethod, type Methods } from '../../support/wrap';
import { internalClient } from './client';

/** Headers to add to a message, in two forms. Messages with the same context share one object. */
export interface AddedHeaders {
  readonly record: TraceHeaders;
  /** The form that the internal client takes: objects with one key each. */
  readonly list: readonly Readonly<Record<string, string>>[];
}

/** The headers to add in one call. */
export interface InjectionPlan {
  /** By entry and then by message. */
  readonly headers: readonly (readonly (AddedHeaders | undefined)[])[];
  /** True if a message was too large even without its headers: they did not cause the failure. */
  isTooLargeAnyway: boolean;
}

/**
 * Adds headers while the library passes the messages of a call to the internal client. All of this happens within one tick.
 */
export class Injection {
  #plan: InjectionPlan | undefined;
  #entry = 0;
  #message = 0;
  isInBatch = false;
  readonly #wrapped = new WeakSet();

  constructor(private readonly runtime: Runtime) {}

  during<Result>(
    producer: Methods,
    plan: InjectionPlan | undefined,
    name: 'send' | 'sendBatch',
    call: () => Result,
  ): Result {
    if (plan)
      attempt(this.runtime, 'inject', () => {
        this.#wrapProduce(producer);
      });
    // A getter of a message may send too, so the state of this call is restored afterwards.
    const outer = { plan: this.#plan, entry: this.#entry, message: this.#message, isInBatch: this.isInBatch };
    this.#plan = plan;
    this.#entry = name === 'send' ? 0 : -1;
    this.#message = 0;
    this.isInBatch = name === 'sendBatch';
    try {
      return call();
    } finally {
      this.#plan = outer.plan;
      this.#entry = outer.entry;
      this.#message = outer.message;
      this.isInBatch = outer.isInBatch;
    }
  }

  nextEntry<Result>(call: () => Result): Result {
    this.#entry++;
    this.#message = 0;
    this.isInBatch = false;
    try {
      return call();
    } finally {
      this.isInBatch = true;
    }
  }

  #wrapProduce(producer: Methods): void {
    const internal = internalClient(producer);
    if (!internal || this.#wrapped.has(internal)) return;
    this.#wrapped.add(internal);
    const next = () => this.#plan?.headers[this.#entry]?.[this.#message++];
    const sendWithoutHeaders = <Result>(send: () => Result): Result => {
      const plan = this.#plan;
      try {
        return send();
      } catch (error) {
        if (plan) plan.isTooLargeAnyway = true;
        throw error;
      }
    };
    wrapMethod(
      internal,
      'produce',
      original =>
        function (this: unknown, ...args: unknown[]): unknown {
          const added = next();
          if (!added) return original.apply(this, args);
          const own = args[HEADERS];
          args[HEADERS] = withHeaders(own, added);
          try {
            return original.apply(this, args);
          } catch (error) {
            if ((error as { code?: unknown } | null)?.code !== TOO_LARGE) throw error;
            // The message was not queued. Without our headers, it may be small enough.
            args[HEADERS] = own;
            return sendWithoutHeaders(() => original.apply(this, args));
          }
        },
    );
  }
}

/** The position of the headers among the arguments of `produce`. */
const HEADERS = 6;

/** librdkafka's code for a message that is larger than the producer allows. */
const TOO_LARGE = 10;

function withHeaders(headers: unknown, { record, list }: AddedHeaders): unknown {
  if (!Array.isArray(headers) || headers.length === 0) return list;
  const own = headers as readonly Readonly<Record<string, unknown>>[];
  const stale = staleKeys(Object.assign({}, ...own) as Record<string, unknown>, record);
  const isStale = (header: object) => Object.keys(header).some(key => stale.includes(key));
  return [...(stale.length === 0 ? own : own.filter(header => !isStale(header))), ...list];
}

/** The headers of the messages of one entry. */
export function headersOf(
  { messages }: TopicMessages,
  headers: HeadersByIndex | undefined,
): readonly (AddedHeaders | undefined)[] {
  if (!headers) return [];
  let last: AddedHeaders | undefined;
  return messages.map((_, index) => {
    const record = headers(index);
    if (record === undefined) return undefined;
    if (last?.record !== record)
      last = { record, list: Object.entries(record).map(([key, value]) => ({ [key]: value })) };
    return last.list.length > 0 ? last : undefined;
  });
}
