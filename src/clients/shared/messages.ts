import type { MessageReader } from '../../core/port';
import { headerRecord, isObject, ownHeaders } from '../../support/copies';

interface Message {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: unknown;
  readonly partition?: unknown;
  readonly offset?: unknown;
  readonly timestamp?: unknown;
}

const NO_MESSAGE: Message = {};

const fieldsOf = (message: unknown): Message => (isObject(message) ? message : NO_MESSAGE);

/** The size of a key, value or header in bytes. `undefined` for null and for what is neither text nor bytes. */
export function byteLength(value: unknown): number | undefined {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return ArrayBuffer.isView(value) ? value.byteLength : undefined;
}

/**
 * Reads messages with the fields of kafkajs: offsets and timestamps are 64-bit integers as strings, and headers are an object.
 */
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
    // "-1" or an empty string if the broker has no timestamp.
    const { timestamp } = fieldsOf(message);
    const milliseconds = timestamp === '' ? NaN : Number(timestamp ?? NaN);
    return milliseconds >= 0 ? milliseconds : undefined;
  },
};
