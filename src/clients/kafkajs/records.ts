import type { ErrorReader, MessageReader } from '../../core/port';
import { headerRecord, ownHeaders } from '../../support/copies';

interface Message {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: unknown;
  readonly partition?: unknown;
  readonly offset?: unknown;
  readonly timestamp?: unknown;
}

const NO_MESSAGE: Message = {};

const fieldsOf = (message: unknown): Message =>
  typeof message === 'object' && message !== null ? message : NO_MESSAGE;

/** Reads kafkajs messages. Offsets and timestamps are 64-bit integers as strings, headers an object of Buffers. */
export const kafkaJsMessages: MessageReader = {
  headers(message) {
    return headerRecord(ownHeaders(fieldsOf(message)));
  },
  key: message => fieldsOf(message).key,
  isTombstone: message => fieldsOf(message).value === null,
  partition(message) {
    const { partition } = fieldsOf(message);
    return partition === undefined || partition === null ? undefined : Number(partition);
  },
  offset(message) {
    const offset = Number(fieldsOf(message).offset);
    return Number.isSafeInteger(offset) ? offset : undefined;
  },
  timestamp(message) {
    // "-1" when the broker knows none.
    const timestamp = Number(fieldsOf(message).timestamp ?? NaN);
    return timestamp >= 0 ? timestamp : undefined;
  },
};

const PROTOCOL_NAME = /^[A-Z][A-Z0-9_]{0,99}$/;

/** Errors of calls that kafkajs refuses before a request: bad arguments, or a producer or transaction that has ended. */
const REFUSALS = new Set([
  'KafkaJSError',
  'KafkaJSNonRetriableError',
  'KafkaJSNotImplemented',
  'KafkaJSInvalidLongError',
  'KafkaJSInvalidVarIntError',
]);

/** Node.js refuses a key, value or header that cannot be encoded. */
const NOT_ENCODABLE = /^ERR_(INVALID_ARG|OUT_OF_RANGE|BUFFER)/;

/** Kafka's protocol, the network, or a kafkajs class. Other classes come from a program's partitioner or getter. */
const FROM_REQUEST = /^(KafkaJS\w+|[A-Z][A-Z0-9_]+)$/;

/** Reads kafkajs errors: their names start with `KafkaJS`, and `type` is the protocol's name. */
export const kafkaJsErrors: ErrorReader = {
  isLibraryError(error) {
    const { name } = error as { name?: unknown };
    return typeof name === 'string' && name.startsWith('KafkaJS');
  },
  protocolName(error) {
    const { type } = error as { type?: unknown };
    return typeof type === 'string' && PROTOCOL_NAME.test(type) ? type : undefined;
  },
  wasAttempted: errorType =>
    FROM_REQUEST.test(errorType) && !REFUSALS.has(errorType) && !NOT_ENCODABLE.test(errorType),
};
