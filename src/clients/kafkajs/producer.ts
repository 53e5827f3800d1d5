import type { ClientInfo, HeadersByIndex, SendRequest, TopicMessages } from '../../core/port';
import { withTraceHeaders } from '../../propagation/inject';
import { derive, headerRecord, isObject, ownHeaders } from '../../support/copies';
import { traceSend } from '../../core/send';
import { traceTransaction, type TracedTransaction } from '../../core/transaction';
import { traceTransactionCommit } from '../../core/commit';
import type { Runtime } from '../../runtime';
import { wrapMethod, type Methods } from '../../support/wrap';
import { partitionsOf, readable } from '../shared/commits';
import { wrapDisconnect, wrapTransactionEnds } from '../shared/methods';
import { entriesOf, entryOf, messagesSize, readOnce, writtenPartitions } from '../shared/messages';
import { kafkaJsByteLength } from './client';
import { observeRequests } from './events';

export function instrumentProducer(runtime: Runtime, producer: Methods, client: ClientInfo): void {
  observeRequests(runtime, producer);
  wrapSends(runtime, producer, client);
  const open = new Set<TracedTransaction>();
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
          (transaction, traced) => {
            wrapTransaction(runtime, transaction as Methods, client, traced);
          },
        );
      },
  );
  wrapDisconnect(runtime, producer, open);
}

/** kafkajs's `send` does not call its `sendBatch`, so both methods are wrapped. */
function wrapSends(
  runtime: Runtime,
  owner: Methods,
  client: ClientInfo,
  transaction?: TracedTransaction,
): void {
  for (const [name, read] of [
    ['send', readSend],
    ['sendBatch', readSendBatch],
  ] as const) {
    wrapMethod(
      owner,
      name,
      original =>
        function (this: unknown, ...args: unknown[]): unknown {
          return traceSend(
            runtime,
            client,
            () => read(args[0]),
            replaced => original.apply(this, replaced === undefined ? args : [replaced, ...args.slice(1)]),
            transaction,
          );
        },
    );
  }
}

/** kafkajs creates a new object for each transaction, so the methods of each object are wrapped. */
function wrapTransaction(
  runtime: Runtime,
  transaction: Methods,
  client: ClientInfo,
  traced: TracedTransaction,
): void {
  wrapSends(runtime, transaction, client, traced);
  wrapMethod(
    transaction,
    'sendOffsets',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const group = readable(() => (args[0] as { consumerGroupId: unknown }).consumerGroupId);
        const commit = {
          group: typeof group === 'string' ? group : undefined,
          partitions: readable(() => partitionsOf(args[0])),
        };
        return traceTransactionCommit(runtime, client, traced, commit, () => original.apply(this, args));
      },
  );
  wrapTransactionEnds(transaction, () => traced);
}

/** kafkajs reads these properties of the argument of `send()` or `sendBatch()`. */
const REQUEST = ['acks', 'timeout', 'compression', 'topic', 'messages', 'topicMessages'];

/** Returns `undefined` if kafkajs will refuse the argument of `send()`. */
function readSend(request: unknown): SendRequest | undefined {
  if (!isObject(request)) return undefined;
  const { acks, topic, messages } = request;
  const entry = entryOf(topic, messages);
  if (!entry) return undefined;
  return sendRequest([entry], acks, ([replaced]) =>
    derive(request, REQUEST, { acks, topic, messages: replaced }),
  );
}

/** Returns `undefined` if kafkajs will refuse the argument of `sendBatch()`. */
function readSendBatch(request: unknown): SendRequest | undefined {
  if (!isObject(request)) return undefined;
  const { acks, topicMessages } = request;
  if (topicMessages === undefined) return sendRequest([], acks, () => request);
  if (!Array.isArray(topicMessages)) return undefined;
  const entries = entriesOf(topicMessages);
  if (!entries) return undefined;
  return sendRequest(entries, acks, replaced =>
    derive(request, REQUEST, {
      acks,
      topicMessages: entries.map(({ topic }, index) =>
        derive(topicMessages[index] as object, REQUEST, { topic, messages: replaced[index] }),
      ),
    }),
  );
}

function sendRequest(
  topics: readonly TopicMessages[],
  acks: unknown,
  withMessages: (messages: readonly (readonly unknown[])[]) => unknown,
): SendRequest {
  let copies: readonly (readonly unknown[])[] | undefined;
  const sent = (entry: TopicMessages) => copies?.[topics.indexOf(entry)] ?? entry.messages;
  return {
    topics,
    isEmpty: topics.length === 0,
    isAcknowledged: acks !== 0,
    withHeaders(headersFor) {
      copies = undefined;
      if (!topics.every(isSendable)) return undefined;
      const messages = topics.map(entry => {
        const headers = headersFor(entry);
        return headers ? messagesWithHeaders(entry.messages, headers) : entry.messages;
      });
      if (topics.every((entry, index) => entry.messages === messages[index])) return undefined;
      const request = withMessages(messages);
      copies = messages;
      return request;
    },
    sent,
    hasAddedHeaders: entry => sent(entry) !== entry.messages,
    size: headers =>
      messagesSize(
        topics.flatMap(entry => (headers === 'with-added' ? sent(entry) : entry.messages)),
        kafkaJsByteLength,
      ),
    written: readOnce(writtenPartitions),
  };
}

/** Copies the messages and adds headers to the copies. Returns the program's own array if no message gets headers. */
function messagesWithHeaders(messages: readonly unknown[], headers: HeadersByIndex): readonly unknown[] {
  // The spread makes a plain array. If the list has a class of the user that extends Array, `map` would call that class's
  // constructor.
  const replaced = [...messages].map((message, index) => {
    const added = headers(index);
    return added ? withTraceHeaders(message as object, added) : message;
  });
  return replaced.some((message, index) => message !== messages[index]) ? replaced : messages;
}

/**
 * False if kafkajs will refuse a message. Then kafkajs must get the program's own request, because its error quotes the
 * message. An added header could also replace the invalid header that the error is about.
 */
function isSendable({ messages, isMalformed }: TopicMessages): boolean {
  if (isMalformed) return false;
  for (const message of messages) {
    if (!isObject(message) || message['value'] === undefined) return false;
    const headers = headerRecord(ownHeaders(message));
    if (headers && !Object.values(headers).every(isHeaderValue)) return false;
  }
  return true;
}

function isHeaderValue(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    Buffer.isBuffer(value) ||
    (Array.isArray(value) && value.every(isHeaderValue))
  );
}
