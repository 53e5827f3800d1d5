import { AsyncLocalStorage } from 'node:async_hooks';
import type { HeadersByIndex, TopicMessages, TraceHeaders } from '../../core/port';
import { staleKeys } from '../../propagation/inject';
import type { Runtime } from '../../runtime';
import { isObject } from '../../support/copies';
import { attempt, logFault } from '../../support/guard';
import { wrapMethod, type Method, type Methods } from '../../support/wrap';
import { readable } from '../shared/commits';
import { internalClient } from './client';

/** Trace headers for a message, in two forms. Messages with the same context share one object. */
export interface AddedHeaders {
  readonly record: TraceHeaders;
  /** The form that the internal client expects: a list of objects with one key each. */
  readonly list: readonly Readonly<Record<string, string>>[];
}

export interface InjectionPlan {
  /** First index: the entry. Second index: the message in the entry. */
  readonly headers: readonly (readonly (AddedHeaders | undefined)[])[];
  /** True if a message was too large even without our headers. Then our headers are not the cause of the failure. */
  isTooLargeAnyway: boolean;
}

export interface BatchEntries {
  /** The entries as the program passed them. */
  readonly records: readonly unknown[];
  /** The same entries after parsing. `undefined` if the library will refuse one of them. */
  readonly topics: readonly TopicMessages[] | undefined;
}

interface Call {
  /** `undefined` if no headers are added. */
  readonly plan: InjectionPlan | undefined;
  /** The index of the entry that the library is sending now. */
  entry: number;
  /** How many messages of this entry were passed to the internal client. */
  produced: number;
}

interface Batch extends Call {
  readonly entries: BatchEntries;
  /** The indexes of the entries for which the library has called `send`. */
  readonly passed: Set<number>;
}

const isBatch = (call: Call): call is Batch => 'passed' in call;

/**
 * Adds headers while the library passes the messages of a send call to librdkafka. The library does this synchronously,
 * so `#current` contains the send call to which a message belongs.
 *
 * If another package's wrapper waits before it calls the library, `#current` is empty. For this case, an
 * `AsyncLocalStorage` contains the send call too. It is created only when such a wrapper is found, because it slows
 * down every promise of the program.
 */
export class Injection {
  #current: Call | undefined;
  /** Contains the call of the current async context. Created when another package's wrapper is found. */
  #currentAsync: AsyncLocalStorage<Call> | undefined;
  #ownSend: unknown;
  readonly #wrappedClients = new WeakSet();

  constructor(
    private readonly runtime: Runtime,
    private readonly producer: Methods,
  ) {
    // `send` and `sendBatch` are methods of the class. If the producer has its own property with one of these names,
    // another package has wrapped the method.
    if (Object.hasOwn(producer, 'send') || Object.hasOwn(producer, 'sendBatch')) this.#followAsyncContext();
  }

  /** Wraps `send` of the producer. Stores our wrapper, to detect later that other code has wrapped `send` too. */
  wrapSend(wrapper: (original: Method) => Method): void {
    wrapMethod(this.producer, 'send', wrapper);
    this.#ownSend = this.producer['send'];
  }

  send<Result>(plan: InjectionPlan | undefined, call: () => Result): Result {
    if (plan) this.#prepare();
    return this.#run({ plan, entry: 0, produced: 0 }, call);
  }

  /**
   * Calls `sendBatch` of the library, which calls `send` for each entry.
   *
   * @param entries - `undefined` if the call is not traced
   */
  sendBatch<Result>(
    entries: BatchEntries | undefined,
    plan: InjectionPlan | undefined,
    call: () => Result,
  ): Result {
    if (!entries) return this.send(plan, call);
    if (plan) this.#prepare();
    // Another package may have wrapped `send` after the producer was instrumented.
    if (this.producer['send'] !== this.#ownSend) this.#followAsyncContext();
    const batch: Batch = { plan, entry: -1, produced: 0, entries, passed: new Set() };
    return this.#run(batch, call);
  }

  /**
   * Finds the `sendBatch` entry for which the library has called `send`. Returns `undefined` if the program itself called
   * `send`.
   */
  entryOf(record: unknown): Entry | undefined {
    const batch = this.#callInProgress();
    if (!batch || !isBatch(batch)) return undefined;
    const index = indexOf(batch, record);
    return index < 0 ? undefined : { batch, index };
  }

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
    // Restore the outer call afterwards, because a getter of a message may call `send` during another `send`.
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
      // The send call is unknown, because another package's wrapper waited before it called the library. This message
      // gets no headers, but messages of later send calls will.
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
            // A propagator or a getter of the message's headers threw.
            logFault(runtime, 'inject', error);
          }
          try {
            return original.apply(this, args);
          } catch (error) {
            if ((error as { code?: unknown } | null)?.code !== TOO_LARGE) throw error;
            // librdkafka refused the message as too large. Try again without our headers.
            args[HEADERS] = own;
            return sendWithoutHeaders(() => original.apply(this, args));
          }
        },
    );
  }
}

interface Entry {
  readonly batch: Batch;
  readonly index: number;
}

/**
 * Returns the index of the `sendBatch` entry that the library now passes to `send`, or -1 if no entry fits. If another
 * package's wrapper has replaced the entry by a copy, the topic identifies the entry.
 */
function indexOf({ entry, entries: { records, topics = [] }, passed }: Batch, record: unknown): number {
  // The fast case: the library passes the entries in order.
  const next = entry + 1;
  if (records[next] === record && !passed.has(next)) return next;
  const index = records.findIndex((each, at) => each === record && !passed.has(at));
  if (index >= 0) return index;
  const topic = isObject(record) ? readable(() => record['topic']) : undefined;
  return topics.findIndex((each, at) => each.topic === topic && !passed.has(at));
}

/** The position of the headers in the arguments of `produce`. */
const HEADERS = 6;

/** librdkafka's code for a message that is larger than the producer allows. */
const TOO_LARGE = 10;

/**
 * Since Node.js 22, librdkafka's addon reports an invalid header only if it is the last one. Our headers come first, so that
 * an invalid header of the program still makes the send fail.
 */
function withHeaders(headers: unknown, { record, list }: AddedHeaders): unknown {
  if (!Array.isArray(headers) || headers.length === 0) return list;
  const own = headers as readonly Readonly<Record<string, unknown>>[];
  const stale = staleKeys(Object.assign({}, ...own) as Record<string, unknown>, record);
  const isStale = (header: object) => Object.keys(header).some(key => stale.includes(key));
  return [...list, ...(stale.length === 0 ? own : own.filter(header => !isStale(header)))];
}

export function addedHeaders(
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
