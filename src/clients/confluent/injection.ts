import { AsyncLocalStorage } from 'node:async_hooks';
import type { HeadersByIndex, TopicMessages, TraceHeaders } from '../../core/port';
import { staleKeys } from '../../propagation/inject';
import type { Runtime } from '../../runtime';
import { isObject } from '../../support/copies';
import { attempt } from '../../support/guard';
import { wrapMethod, type Methods } from '../../support/wrap';
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
  /** The entries of a `sendBatch` call, as the program passed them. */
  readonly records: readonly unknown[];
  readonly topics: readonly TopicMessages[];
  /** By entry and then by message. */
  readonly headers: readonly (readonly (AddedHeaders | undefined)[])[];
  /** True if a message was too large even without its headers: they did not cause the failure. */
  isTooLargeAnyway: boolean;
}

/** A call in progress. */
interface Call {
  readonly plan: InjectionPlan | undefined;
  /** The entry that `send` passes on, or the last one that `sendBatch` passed to `send`. */
  entry: number;
  /** How many messages the internal client got. */
  produced: number;
}

/** A call of `sendBatch`, but not the `send` calls in it. */
interface Batch extends Call {
  /** The entries that were passed to `send`. */
  readonly passed: Set<number>;
}

const isBatch = (call: Call): call is Batch => 'passed' in call;

/**
 * Adds headers while the library passes the messages of a call to the internal client. The library does this within one tick, so
 * a field is enough to know the call. A foreign wrapper may wait in between. Only then does the call follow the async context,
 * which costs time in each promise of the program.
 */
export class Injection {
  #call: Call | undefined;
  #late: AsyncLocalStorage<Call> | undefined;
  readonly #wrapped = new WeakSet();
  /** Our wrapper of `send`. */
  ownSend: unknown;

  constructor(
    private readonly runtime: Runtime,
    private readonly producer: Methods,
  ) {
    // `send` is a method of the class, so this is a foreign wrapper.
    if (Object.hasOwn(producer, 'send') || Object.hasOwn(producer, 'sendBatch')) this.#expectWaiting();
  }

  /** Calls `send` or `sendBatch` of the library with the headers to add. */
  during<Result>(plan: InjectionPlan | undefined, name: 'send' | 'sendBatch', run: () => Result): Result {
    if (plan)
      attempt(this.runtime, 'inject', () => {
        this.#wrapProduce();
      });
    if (name === 'send') return this.#run({ plan, entry: 0, produced: 0 }, run);
    // The library calls `send` of the producer, which a foreign wrapper may have replaced since.
    if (this.producer['send'] !== this.ownSend) this.#expectWaiting();
    const batch: Batch = { plan, entry: -1, produced: 0, passed: new Set() };
    return this.#run(batch, run);
  }

  /** The entry of a `sendBatch` call that this call of `send` passes on. `undefined` if the program called `send`. */
  entryOf(record: unknown): Entry | undefined {
    const batch = this.#current();
    if (!batch || !isBatch(batch)) return undefined;
    const { plan } = batch;
    if (!plan) return { batch, index: 0 };
    const index = indexOf(batch, plan, record);
    return index < 0 ? undefined : { batch, index };
  }

  /** Calls `send` for an entry of a `sendBatch` call. */
  pass<Result>({ batch, index }: Entry, run: () => Result): Result {
    const { plan, passed } = batch;
    batch.entry = index;
    passed.add(index);
    return this.#run({ plan, entry: index, produced: 0 }, run);
  }

  /** From now on, calls follow the async context. */
  #expectWaiting(): void {
    this.#late ??= new AsyncLocalStorage();
  }

  #current(): Call | undefined {
    return this.#call ?? this.#late?.getStore();
  }

  #run<Result>(call: Call, run: () => Result): Result {
    // A getter of a message may send too, so the call is restored afterwards.
    const outer = this.#call;
    this.#call = call;
    try {
      return this.#late ? this.#late.run(call, run) : run();
    } finally {
      this.#call = outer;
    }
  }

  #wrapProduce(): void {
    const internal = internalClient(this.producer);
    if (!internal || this.#wrapped.has(internal)) return;
    this.#wrapped.add(internal);
    const next = () => {
      const call = this.#current();
      // A foreign wrapper of the class waited. The headers of this call are lost, but not those of the next one.
      if (!call) this.#expectWaiting();
      return call?.plan?.headers[call.entry]?.[call.produced++];
    };
    const sendWithoutHeaders = <Result>(send: () => Result): Result => {
      const plan = this.#current()?.plan;
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

/** An entry of a `sendBatch` call. */
interface Entry {
  readonly batch: Batch;
  readonly index: number;
}

/** The entry of a batch that a record is, or that it replaces. */
function indexOf({ entry, passed }: Batch, { records, topics }: InjectionPlan, record: unknown): number {
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
