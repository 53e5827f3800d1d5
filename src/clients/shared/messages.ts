import type { MessageReader, TopicMessages, WrittenPartition } from '../../core/port';
import { headerRecord, isObject, ownHeaders } from '../../support/copies';

interface Message {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: unknown;
  readonly partition?: unknown;
  readonly offset?: unknown;
  readonly timestamp?: unknown;
}

const EMPTY_MESSAGE: Message = {};

const fieldsOf = (message: unknown): Message => (isObject(message) ? message : EMPTY_MESSAGE);

export function byteLength(value: unknown): number | undefined {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return ArrayBuffer.isView(value) ? value.byteLength : undefined;
}

/** Reads messages in the format of kafkajs: offset and timestamp are strings, and headers are an object. */
export const recordReader: MessageReader = {
  headers(message) {
    return headerRecord(ownHeaders(fieldsOf(message)));
  },
  receivedHeaders: message => headerRecord(fieldsOf(message).headers),
  key: message => fieldsOf(message).key,
  value: message => fieldsOf(message).value,
  valueSize: byteLength,
  partition(message) {
    const { partition } = fieldsOf(message);
    return partition === undefined || partition === null ? undefined : Number(partition);
  },
  offset(message) {
    const offset = Number(fieldsOf(message).offset);
    return Number.isSafeInteger(offset) ? offset : undefined;
  },
  timestamp(message) {
    // A message without a timestamp has "-1" or an empty string in this field.
    const { timestamp } = fieldsOf(message);
    const milliseconds = timestamp === '' ? NaN : Number(timestamp ?? NaN);
    return milliseconds >= 0 ? milliseconds : undefined;
  },
};

/** Estimated bytes that Kafka adds to each record and to each header. */
const RECORD_BYTES = 16;
const HEADER_BYTES = 4;

/** Returns the size of a key, value or header in bytes, as the library sends it. */
type SizeOf = (value: unknown) => number | undefined;

/** The size of messages in bytes before compression. Headers may be an object, or a list of objects with one key each. */
export function messagesSize(messages: readonly unknown[], sizeOf: SizeOf): number {
  let size = 0;
  for (const message of messages) {
    const { key, value } = message as { key?: unknown; value?: unknown };
    size += RECORD_BYTES + (sizeOf(key) ?? 0) + (sizeOf(value) ?? 0);
    size += headersSize(ownHeaders(message as object), sizeOf);
  }
  return size;
}

export function headersSize(headers: unknown, sizeOf: SizeOf): number {
  let size = 0;
  const records: unknown[] = Array.isArray(headers) ? headers : [headers];
  for (const record of records) {
    for (const [name, header] of Object.entries(headerRecord(record) ?? {})) {
      const values: unknown[] = Array.isArray(header) ? header : [header];
      for (const each of values) size += HEADER_BYTES + Buffer.byteLength(name) + (sizeOf(each) ?? 0);
    }
  }
  return size;
}

/** Returns `undefined` if the library will refuse the topic. */
export function entryOf(topic: unknown, messages: unknown): TopicMessages | undefined {
  if (typeof topic !== 'string' || topic === '') return undefined;
  return Array.isArray(messages) ? { topic, messages } : { topic, messages: [], isMalformed: true };
}

/** Reads the entries of a `sendBatch` call. Returns `undefined` if the library will refuse one of them. */
export function entriesOf(topicMessages: readonly unknown[]): TopicMessages[] | undefined {
  const entries: TopicMessages[] = [];
  for (const item of topicMessages) {
    const entry = isObject(item) ? entryOf(item['topic'], item['messages']) : undefined;
    if (!entry) return undefined;
    entries.push(entry);
  }
  return entries;
}

/** Caches what was read from the last result, because the span and the metrics both read it. */
export function readOnce<Answer>(read: (result: unknown) => Answer): (result: unknown) => Answer {
  let last: { readonly result: unknown; readonly answer: Answer } | undefined;
  return result => {
    if (last === undefined || last.result !== result) last = { result, answer: read(result) };
    return last.answer;
  };
}

export function writtenPartitions(result: unknown): readonly WrittenPartition[] | undefined {
  if (!Array.isArray(result)) return undefined;
  const written: WrittenPartition[] = [];
  for (const entry of result as readonly unknown[]) {
    if (!isObject(entry)) continue;
    const { topicName, partition, baseOffset, offset } = entry;
    if (typeof topicName !== 'string' || typeof partition !== 'number') continue;
    // In results of brokers before 0.11, the name of this field is `offset`.
    const first = Number(baseOffset ?? offset ?? NaN);
    written.push({
      topic: topicName,
      partition,
      // The broker answers with a negative offset if it acknowledged nothing.
      baseOffset: Number.isSafeInteger(first) && first >= 0 ? first : undefined,
    });
  }
  return written;
}
