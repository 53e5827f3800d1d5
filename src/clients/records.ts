import type { ClientInfo } from '../core/port';
import { readHeaders } from '../propagation/header-forms';
import { isObject } from '../support/copies';
import { kafkaJsErrors } from './kafkajs/client';
import { byteLength, recordReader } from './shared/messages';

/** Reads headers in any form. Lambda encodes them as an array of `{ name: bytes }`. */
const headersOf = (record: unknown) => readHeaders(field(record, 'headers'));

/**
 * What is known about the client of records that no instrumented client delivered, such as those of an AWS Lambda event: nothing.
 * Lambda encodes keys and values as base64. A program may have decoded them before it passes the record.
 */
export const recordClient: ClientInfo = {
  messages: {
    ...recordReader,
    headers: headersOf,
    receivedHeaders: headersOf,
    key: keyOf,
    value: record => field(record, 'value'),
    valueSize: value => (isBase64(value) ? Buffer.byteLength(value, 'base64') : byteLength(value)),
  },
  errors: kafkaJsErrors,
  group: undefined,
  clientId: () => undefined,
  clusterId: () => undefined,
  leader: () => undefined,
};

/**
 * The key as bytes, or as the program has decoded it. A decoded key such as "user" may be valid base64 too. So the key counts as
 * decoded if the value is.
 */
function keyOf(record: unknown): unknown {
  const key = field(record, 'key');
  if (!isBase64(key)) return key;
  const value = field(record, 'value') ?? undefined;
  return value === undefined || isBase64(value) ? Buffer.from(key, 'base64') : key;
}

const ENCODED = { key: 'originalKey', value: 'originalValue', headers: 'originalHeaders' } as const;

/**
 * A field as Lambda encodes it, if the record still has it. Powertools for AWS Lambda keeps it under another name: there, the field
 * itself is a getter that decodes and may throw.
 */
function field(record: unknown, name: keyof typeof ENCODED): unknown {
  if (!isObject(record)) return undefined;
  const encoded = ENCODED[name];
  return encoded in record ? record[encoded] : record[name];
}

/** How many characters of a text are looked at. The text of a decoded value is hardly ever base64 for so long. */
const CHECKED = 1024;

function isBase64(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length % 4 === 0 &&
    /^[A-Za-z0-9+/]*={0,2}$/.test(value.slice(0, CHECKED))
  );
}
