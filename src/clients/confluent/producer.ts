import { traceTransactionCommit } from '../../core/commit';
import type {
  ClientInfo,
  HeadersByIndex,
  SendRequest,
  TopicMessages,
  TraceHeaders,
  WrittenPartition,
} from '../../core/port';
import { traceSend } from '../../core/send';
import { traceTransaction, type TracedTransaction } from '../../core/transaction';
import { staleKeys } from '../../propagation/inject';
import type { Runtime } from '../../runtime';
import { isObject } from '../../support/copies';
import { attempt } from '../../support/guard';
import { isMethod, wrapMethod, type Methods } from '../../support/wrap';
import { partitionsOf, readable } from '../shared/commits';
import { entryOf, headerBytes, sizeOf, writtenPartitions } from '../shared/requests';
import { groupOf, internalClient } from './client';

/**
 * The library writes into the program's messages and refuses some copies of messages, so it gets the program's own request.
 * The headers are added later: before `send` returns, it calls `produce` of the internal client once per message, in order.
 */
export function instrumentProducer(runtime: Runtime, producer: Methods, client: ClientInfo): void {
  const open = new Set<TracedTransaction>();
  const injection = new Injection(runtime);

  wrapMethod(
    producer,
    'send',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const call = () => original.apply(this, args);
        // `sendBatch` calls `send` once per entry.
        if (injection.isInBatch) return injection.nextEntry(call);
        return traceSend(
          runtime,
          client,
          () => readSend(args[0]),
          plan => injection.during(producer, plan as InjectionPlan | undefined, 'send', call),
          openTransaction(open),
        );
      },
  );
  wrapMethod(
    producer,
    'sendBatch',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        return traceSend(
          runtime,
          client,
          () => readSendBatch(args[0]),
          plan =>
            injection.during(producer, plan as InjectionPlan | undefined, 'sendBatch', () =>
              original.apply(this, args),
            ),
          openTransaction(open),
        );
      },
  );
  wrapTransaction(runtime, producer, client, open);
  wrapMethod(
    producer,
    'disconnect',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        attempt(runtime, 'transaction', () => {
          for (const transaction of open) transaction.abandon();
        });
        return original.apply(this, args);
      },
  );
}

/** The open transaction. A producer has at most one, and `transaction()` resolves with the producer itself. */
function openTransaction(open: ReadonlySet<TracedTransaction>): TracedTransaction | undefined {
  const [transaction] = open;
  return transaction;
}

function wrapTransaction(
  runtime: Runtime,
  producer: Methods,
  client: ClientInfo,
  open: Set<TracedTransaction>,
): void {
  wrapMethod(
    producer,
    'transaction',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        return traceTransaction(
          runtime,
          client,
          open,
          () => original.apply(this, args),
          () => undefined,
        );
      },
  );
  wrapMethod(
    producer,
    'sendOffsets',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const call = () => original.apply(this, args);
        const transaction = openTransaction(open);
        if (!transaction) return call();
        const consumer = readable(() => (args[0] as { consumer: unknown }).consumer);
        const group = isObject(consumer) ? readable(() => groupOf(consumer)) : undefined;
        const commit = { group, partitions: readable(() => partitionsOf(args[0])) };
        return traceTransactionCommit(runtime, client, transaction, commit, call);
      },
  );
  const isActive = () => isMethod(producer['isActive']) && producer['isActive']() === true;
  for (const [name, outcome] of [
    ['commit', 'committed'],
    ['abort', 'aborted'],
  ] as const) {
    wrapMethod(
      producer,
      name,
      original =>
        function (this: unknown, ...args: unknown[]): unknown {
          const call = () => original.apply(this, args);
          const transaction = openTransaction(open);
          return transaction ? transaction.traceEnd(outcome, isActive, call) : call();
        },
    );
  }
}

/** Headers to add to a message, in two forms. Messages with the same context share one object. */
interface AddedHeaders {
  readonly record: TraceHeaders;
  /** The form that the internal client takes: objects with one key each. */
  readonly list: readonly Readonly<Record<string, string>>[];
}

/** The headers to add, by entry and then by message. */
type InjectionPlan = readonly (readonly (AddedHeaders | undefined)[])[];

/**
 * Adds headers while the library passes the messages of a call to the internal client. All of this happens within one tick.
 */
class Injection {
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
    const next = () => this.#plan?.[this.#entry]?.[this.#message++];
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
            return original.apply(this, args);
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

/** Reads the argument of `send()`. `undefined` if the library will refuse it. */
function readSend(request: unknown): SendRequest | undefined {
  if (!isObject(request)) return undefined;
  const entry = entryOf(request['topic'], request['messages']);
  return entry && sendRequest([entry]);
}

/** Reads the argument of `sendBatch()`. `undefined` if the library will refuse it. */
function readSendBatch(request: unknown): SendRequest | undefined {
  if (!isObject(request)) return undefined;
  const { topicMessages } = request;
  if (topicMessages === null) return sendRequest([]);
  if (!Array.isArray(topicMessages)) return undefined;
  const entries: TopicMessages[] = [];
  for (const item of topicMessages as readonly unknown[]) {
    const entry = isObject(item) ? entryOf(item['topic'], item['messages']) : undefined;
    if (!entry) return undefined;
    entries.push(entry);
  }
  return sendRequest(entries);
}

function sendRequest(topics: readonly TopicMessages[]): SendRequest {
  let plan: InjectionPlan | undefined;
  const hasAddedHeaders = (entry: TopicMessages) =>
    plan?.[topics.indexOf(entry)]?.some(added => added !== undefined) ?? false;
  return {
    topics,
    isEmpty: topics.every(({ messages, isMalformed }) => messages.length === 0 && !isMalformed),
    isAcknowledged: true,
    withHeaders(headersFor) {
      plan = undefined;
      plan = topics.map(entry => headersOf(entry, headersFor(entry)));
      return topics.some(hasAddedHeaders) ? plan : undefined;
    },
    sent: entry => entry.messages,
    hasAddedHeaders,
    size(headers) {
      const own = sizeOf(topics.flatMap(({ messages }) => messages));
      if (headers === 'without-added' || !plan) return own;
      return plan.flat().reduce((size, added) => size + headerBytes(added?.record), own);
    },
    written: writtenOnce,
  };
}

/** `sendBatch` lists a partition again for each entry of the request that was written to it. */
function writtenOnce(result: unknown): readonly WrittenPartition[] | undefined {
  const written = writtenPartitions(result);
  return written?.filter(
    ({ topic, partition }, index) =>
      written.findIndex(each => each.topic === topic && each.partition === partition) === index,
  );
}

function headersOf(
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
