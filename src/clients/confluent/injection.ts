import { AsyncLocalStorage } from 'node:async_hooks';
import type { HeadersByIndex, TopicMessages, TraceHeaders } from '../../core/port';
import { staleKeys } from '../../propagation/inject';
import type { Runtime } from '../../runtime';
import { isObject } from '../../support/copies';
import { attempt, logFault } from '../../support/guard';
import { wrapMethod, type Method, type Methods } from '../../support/wrap';
import { readable } from '../shared/commits';
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

/** The entries of a `sendBatch` call. */
export interface BatchEntries {
  /** As the program passed them. */
  readonly records: readonly unknown[];
  /** `undefined` if the library will refuse one of them. */
  readonly topics: readonly TopicMessages[] | undefined;
}

/** A call in progress. */
interface Call {
  /** `undefined` if no headers are added. */
  readonly plan: InjectionPlan | undefined;
  /** The entry that `send` passes on, or the last one that `sendBatch` passed to `send`. */
  entry: number;
  /** How many messages the internal client got. */
  produced: number;
}

/** A call of `sendBatch`, but not the `send` calls in it. */
interface Batch extends Call {
  readonly entries: BatchEntries;
  /** The entries that were passed to `send`. */
  readonly passed: Set<number>;
}

const isBatch = (call: Call): call is Batch => 'passed' in call;

/**
 * Adds headers while the library passes the messages of a call to the internal client. The library does this before it first waits,
 * so a field is enough to know the call. A foreign wrapper may wait in between. Only for a producer that has such a wrapper, the call
 * also follows the async context, which costs time in each promise of the program.
 */
export class Injection {
  #current: Call | undefined;
  /** The call by async context, from the time when a foreign wrapper is found. */
  #currentAsync: AsyncLocalStorage<Call> | undefined;
  #ownSend: unknown;
  readonly #wrappedClients = new WeakSet();

  constructor(
    private readonly runtime: Runtime,
    private readonly producer: Methods,
  ) {
    // `send` is a method of the class, so this is a foreign wrapper.
    if (Object.hasOwn(producer, 'send') || Object.hasOwn(producer, 'sendBatch')) this.#followAsyncContext();
  }

  /** Wraps `send` of the producer. Remembers our wrapper, to detect later whether other code has wrapped `send` again. */
  wrapSend(wrapper: (original: Method) => Method): void {
    wrapMethod(this.producer, 'send', wrapper);
    this.#ownSend = this.producer['send'];
  }

  /** Calls `send` of the library and adds headers. */
  send<Result>(plan: InjectionPlan | undefined, call: () => Result): Result {
    if (plan) this.#prepare();
    return this.#run({ plan, entry: 0, produced: 0 }, call);
  }

  /** Calls `sendBatch` of the library, which calls `send` for each entry. Without `entries`, nothing of this call is traced. */
  sendBatch<Result>(
    entries: BatchEntries | undefined,
    plan: InjectionPlan | undefined,
    call: () => Result,
  ): Result {
    if (!entries) return this.send(plan, call);
    if (plan) this.#prepare();
    // A foreign wrapper may have been added since the producer was instrumented.
    if (this.producer['send'] !== this.#ownSend) this.#followAsyncContext();
    const batch: Batch = { plan, entry: -1, produced: 0, entries, passed: new Set() };
    return this.#run(batch, call);
  }

  /** The entry of a `sendBatch` call that this call of `send` passes on. `undefined` if the program called `send`. */
  entryOf(record: unknown): Entry | undefined {
    const batch = this.#callInProgress();
    if (!batch || !isBatch(batch)) return undefined;
    const index = indexOf(batch, record);
    return index < 0 ? undefined : { batch, index };
  }

  /** Calls `send` of the library for an entry of a `sendBatch` call. */
  sendEntry<Result>({ batch, index }: Entry, call: () => Result): Result {
    batch.entry = index;
    batch.passed.add(index);
    return this.#run({ plan: batch.plan, entry: index, produced: 0 }, call);
  }

  #followAsyncContext(): void {
    this.#currentAsync ??= new AsyncLocalStorage();
  }

  #callInProgress(): Call | undefined {
    return this.#current ?? this.#currentAsync?.getStore();
  }

  #run<Result>(call: Call, run: () => Result): Result {
    // A getter of a message may send too, so the outer call is restored afterwards.
    const outer = this.#current;
    this.#current = call;
    try {
      return this.#currentAsync ? this.#currentAsync.run(call, run) : run();
    } finally {
      this.#current = outer;
    }
  }

  #prepare(): void {
    attempt(this.runtime, 'inject', () => {
      this.#wrapProduce();
    });
  }

  #wrapProduce(): void {
    const internal = internalClient(this.producer);
    if (!internal || this.#wrappedClients.has(internal)) return;
    this.#wrappedClients.add(internal);
    const { runtime } = this;
    const next = () => {
      const call = this.#callInProgress();
      // A foreign wrapper of the class waited. The headers of this call are lost, but not those of the next one.
      if (!call) this.#followAsyncContext();
      return call?.plan?.headers[call.entry]?.[call.produced++];
    };
    const sendWithoutHeaders = <Result>(send: () => Result): Result => {
      const plan = this.#callInProgress()?.plan;
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
          try {
            args[HEADERS] = withHeaders(own, added);
          } catch (error) {
            // A propagator of the program threw.
            logFault(runtime, 'inject', error);
          }
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

/** An entry of a `sendBatch` call. */
interface Entry {
  readonly batch: Batch;
  readonly index: number;
}

/** The index of a record's entry in a batch. A wrapper by other code may pass a copy of the entry. Negative if there is no entry. */
function indexOf({ entry, entries: { records, topics = [] }, passed }: Batch, record: unknown): number {
  // The library passes the entries in order.
  const next = entry + 1;
  if (records[next] === record && !passed.has(next)) return next;
  const index = records.findIndex((each, at) => each === record && !passed.has(at));
  if (index >= 0) return index;
  const topic = isObject(record) ? readable(() => record['topic']) : undefined;
  return topics.findIndex((each, at) => each.topic === topic && !passed.has(at));
}

/** The position of the headers among the arguments of `produce`. */
const HEADERS = 6;

/** librdkafka's code for a message that is larger than the producer allows. */
const TOO_LARGE = 10;

/**
 * Ours come first: under Node.js 22 and newer, the addon forgets the error of a refused header while it reads the next ones, and a
 * message that the program's own headers make fail would be accepted.
 */
function withHeaders(headers: unknown, { record, list }: AddedHeaders): unknown {
  if (!Array.isArray(headers) || headers.length === 0) return list;
  const own = headers as readonly Readonly<Record<string, unknown>>[];
  const stale = staleKeys(Object.assign({}, ...own) as Record<string, unknown>, record);
  const isStale = (header: object) => Object.keys(header).some(key => stale.includes(key));
  return [...list, ...(stale.length === 0 ? own : own.filter(header => !isStale(header)))];
}

/** The headers of the messages of one entry. */
export function headersOf(
  messages: readonly unknown[],
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
