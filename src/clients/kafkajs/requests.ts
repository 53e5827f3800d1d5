import type { HeadersByIndex, SendRequest, TopicMessages, WrittenPartition } from '../../core/port';
import { withTraceHeaders } from '../../propagation/inject';
import { derive, headerRecord, ownHeaders } from '../../support/copies';

/** The properties that kafkajs reads of a request. */
const REQUEST = ['acks', 'timeout', 'compression', 'topic', 'messages', 'topicMessages'];

/** Reads the argument of `send()`. `undefined` for one that kafkajs will refuse. */
export function readSend(request: unknown): SendRequest | undefined {
  if (!isObject(request)) return undefined;
  const { acks, topic, messages } = request;
  const entry = entryOf(topic, messages);
  if (!entry) return undefined;
  return sendRequest([entry], acks, ([replaced]) =>
    derive(request, REQUEST, { acks, topic, messages: replaced }),
  );
}

/** Reads the argument of `sendBatch()`. `undefined` for one that kafkajs will refuse. */
export function readSendBatch(request: unknown): SendRequest | undefined {
  if (!isObject(request)) return undefined;
  const { acks, topicMessages } = request;
  if (topicMessages === undefined) return sendRequest([], acks, () => request);
  if (!Array.isArray(topicMessages)) return undefined;
  const entries: TopicMessages[] = [];
  for (const item of topicMessages as readonly unknown[]) {
    const entry = isObject(item) ? entryOf(item['topic'], item['messages']) : undefined;
    if (!entry) return undefined;
    entries.push(entry);
  }
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
  return {
    topics,
    isEmpty: topics.length === 0,
    isAcknowledged: acks !== 0,
    withHeaders(headersFor) {
      if (!topics.every(isSendable)) return undefined;
      const replaced = topics.map(entry => {
        const headers = headersFor(entry);
        return headers ? messagesWithHeaders(entry.messages, headers) : entry.messages;
      });
      const isChanged = topics.some(({ messages }, index) => messages !== replaced[index]);
      return isChanged ? withMessages(replaced) : undefined;
    },
    size: () => sizeOf(topics.flatMap(({ messages }) => messages)),
    written: writtenPartitions,
  };
}

/** The program's own array if no message gets headers. */
function messagesWithHeaders(messages: readonly unknown[], headers: HeadersByIndex): readonly unknown[] {
  let isChanged = false;
  const replaced = messages.map((message, index) => {
    const added = headers(index);
    if (!added) return message;
    const copy = withTraceHeaders(message as object, added);
    if (copy !== message) isChanged = true;
    return copy;
  });
  return isChanged ? replaced : messages;
}

/**
 * False if kafkajs will refuse a message. It must then get the program's own: its error quotes the message, and our headers
 * must not hide a bad one.
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

/** Bytes of a record, and of a header in it, beside key, value and texts: lengths, deltas and counts as varints. */
const RECORD_BYTES = 16;
const HEADER_BYTES = 4;

function sizeOf(messages: readonly unknown[]): number {
  let size = 0;
  for (const message of messages) {
    const { key, value } = message as { key?: unknown; value?: unknown };
    size += RECORD_BYTES + bytesOf(key) + bytesOf(value);
    for (const [name, header] of Object.entries(headerRecord(ownHeaders(message as object)) ?? {})) {
      const values: unknown[] = Array.isArray(header) ? header : [header];
      for (const each of values) size += HEADER_BYTES + bytesOf(name) + bytesOf(each);
    }
  }
  return size;
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return ArrayBuffer.isView(value) ? value.byteLength : 0;
}

function entryOf(topic: unknown, messages: unknown): TopicMessages | undefined {
  if (typeof topic !== 'string' || topic === '') return undefined;
  return Array.isArray(messages) ? { topic, messages } : { topic, messages: [], isMalformed: true };
}

/** kafkajs resolves with one entry per topic and partition. */
function writtenPartitions(result: unknown): readonly WrittenPartition[] | undefined {
  if (!Array.isArray(result)) return undefined;
  return result.flatMap((entry: unknown) => {
    if (!isObject(entry)) return [];
    const { topicName, partition, baseOffset, offset } = entry;
    if (typeof topicName !== 'string' || typeof partition !== 'number') return [];
    // Brokers before 0.11 name it `offset`.
    const number = Number(baseOffset ?? offset ?? NaN);
    return { topic: topicName, partition, baseOffset: Number.isSafeInteger(number) ? number : undefined };
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
