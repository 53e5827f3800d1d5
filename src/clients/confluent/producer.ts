import { traceTransactionCommit } from '../../core/commit';
import { PendingOperations } from '../../core/operation';
import type { ClientInfo, SendRequest, TopicMessages, WrittenPartition } from '../../core/port';
import { traceSend } from '../../core/send';
import { traceTransaction, type TracedTransaction } from '../../core/transaction';
import type { Runtime } from '../../runtime';
import { isObject } from '../../support/copies';
import { isMethod, wrapMethod, type Methods } from '../../support/wrap';
import { partitionsOf, readable } from '../shared/commits';
import { wrapDisconnect, wrapTransactionEnds } from '../shared/methods';
import {
  byteLength,
  entriesOf,
  entryOf,
  headersSize,
  messagesSize,
  readOnce,
  writtenPartitions,
} from '../shared/messages';
import { confluentMessages, groupOf, internalClient } from './client';
import { addedHeaders, Injection, type BatchEntries, type InjectionPlan } from './injection';

/**
 * The library writes into the messages and refuses some copies of messages, so it must get the program's own request. Headers
 * are added later, when the library passes each message to `produce` of the internal client.
 */
export function instrumentProducer(runtime: Runtime, producer: Methods, client: ClientInfo): void {
  const open = new Set<TracedTransaction>();
  const pending = new PendingOperations();
  const injection = new Injection(runtime, producer);

  injection.wrapSend(
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const call = () => original.apply(this, args);
        // The library's `sendBatch` calls `send` once per entry.
        const entry = injection.entryOf(args[0]);
        if (entry) return injection.sendEntry(entry, call);
        return traceSend(
          runtime,
          client,
          () => readSend(args[0]),
          plan => injection.send(plan, call),
          openTransaction(open),
          pending,
        );
      },
  );
  wrapMethod(
    producer,
    'sendBatch',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        let entries: BatchEntries | undefined;
        const read = () => {
          entries = readEntries(args[0]);
          return entries?.topics && sendRequest(entries.topics);
        };
        return traceSend(
          runtime,
          client,
          read,
          plan => injection.sendBatch(entries, plan, () => original.apply(this, args)),
          openTransaction(open),
          pending,
        );
      },
  );
  wrapTransaction(runtime, producer, client, open);
  // The library waits only 5 seconds for the broker, and drops answers that arrive during the disconnect. Therefore
  // pending sends never settle after the disconnect.
  wrapDisconnect(runtime, producer, open, {
    end() {
      // A second `disconnect()` resolves at once, even if the first one is still waiting for the broker.
      if (!isConnected(producer)) pending.abandon();
    },
    fail() {
      // After a failed `disconnect()`, the producer may still be connected, so pending sends may still settle.
    },
  });
}

function isConnected(producer: Methods): boolean {
  const internal = internalClient(producer);
  const isConnected = internal?.['isConnected'];
  return isMethod(isConnected) && isConnected.call(internal) === true;
}

/** A producer has at most one open transaction. */
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
  wrapTransactionEnds(producer, () => openTransaction(open));
}

/** Returns `undefined` if the library will refuse the argument of `send()`. */
function readSend(request: unknown): SendRequest<InjectionPlan> | undefined {
  if (!isObject(request)) return undefined;
  const entry = entryOf(request['topic'], request['messages']);
  return entry && sendRequest([entry]);
}

/** Returns `undefined` if the library will refuse the argument of `sendBatch()` before it calls `send`. */
function readEntries(request: unknown): BatchEntries | undefined {
  if (!isObject(request)) return undefined;
  const { topicMessages } = request;
  if (topicMessages === null) return { records: [], topics: [] };
  return Array.isArray(topicMessages)
    ? { records: topicMessages, topics: entriesOf(topicMessages) }
    : undefined;
}

function sendRequest(given: readonly TopicMessages[]): SendRequest<InjectionPlan> {
  // The lists are copied, because the program may reuse its lists and messages as soon as `send` has returned.
  const topics: readonly TopicMessages[] = given.map(entry => ({ ...entry, messages: [...entry.messages] }));
  const placed = new Map(topics.map(entry => [entry, placesOf(entry.messages)]));
  let plan: InjectionPlan | undefined;
  const hasAddedHeaders = (entry: TopicMessages) =>
    plan?.isTooLargeAnyway === false &&
    plan.headers[topics.indexOf(entry)]?.some(added => added !== undefined) === true;
  return {
    topics,
    isEmpty: topics.every(({ messages, isMalformed }) => messages.length === 0 && !isMalformed),
    isAcknowledged: true,
    withHeaders(headersFor) {
      plan = {
        headers: topics.map(entry => addedHeaders(entry, headersFor(entry))),
        isTooLargeAnyway: false,
      };
      return topics.some(hasAddedHeaders) ? plan : undefined;
    },
    sent: entry => placed.get(entry) ?? [],
    hasAddedHeaders,
    size(headers) {
      const own = messagesSize(
        topics.flatMap(({ messages }) => messages),
        byteLength,
      );
      if (headers === 'without-added' || !plan) return own;
      return plan.headers.flat().reduce((size, added) => size + headersSize(added?.record, byteLength), own);
    },
    written: readOnce(distinctPartitions),
  };
}

const ANYWHERE = {};

/** Keeps only what `SendRequest.sent` needs: the partition that the program chose for each message. */
function placesOf(messages: readonly unknown[]): readonly object[] {
  const placeOf = (message: unknown) => {
    const partition = confluentMessages.partition(message);
    return partition === undefined ? ANYWHERE : { partition };
  };
  return readable(() => messages.map(placeOf)) ?? messages.map(() => ANYWHERE);
}

/**
 * Removes repeated partitions. The result of a `sendBatch` call lists a partition several times if several entries write to
 * it.
 */
function distinctPartitions(result: unknown): readonly WrittenPartition[] | undefined {
  const written = writtenPartitions(result);
  return written?.filter(
    ({ topic, partition }, index) =>
      written.findIndex(each => each.topic === topic && each.partition === partition) === index,
  );
}
