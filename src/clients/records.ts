import type { ClientInfo } from '../core/port';
import { readHeaders } from '../propagation/header-forms';
import { isObject } from '../support/copies';
import { kafkaJsErrors } from './kafkajs/client';
import { byteLength, recordReader } from './shared/messages';

/** Reads headers in any form. AWS Lambda encodes them as an array of `{ name: bytes }`. */
const receivedHeaders = (record: unknown) => readHeaders(field(record, 'headers'));

/**
 * Reads records that no instrumented client delivered, such as the records of an AWS Lambda event. Lambda encodes keys and
 * values as base64, but the program may have decoded them already.
 */
export const recordClient: ClientInfo = {
  messages: {
    ...recordReader,
    headers: receivedHeaders,
    receivedHeaders,
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
 * Returns the key as bytes, unless the program has already decoded the record. A key such as "user" may be plain text or
 * base64, so the value decides: if the value is decoded, the key is decoded too.
 */
function keyOf(record: unknown): unknown {
  const key = field(record, 'key');
  if (!isBase64(key)) return key;
  const value = field(record, 'value') ?? undefined;
  return value === undefined || isBase64(value) ? Buffer.from(key, 'base64') : key;
}

const ENCODED = { key: 'originalKey', value: 'originalValue', headers: 'originalHeaders' } as const;

/**
 * Returns a field in Lambda's encoding, if possible. In a record of Powertools for AWS Lambda, the field is a getter
 * that decodes the value and may throw. So the encoded value is read from another property of the record.
 */
function field(record: unknown, name: keyof typeof ENCODED): unknown {
  if (!isObject(record)) return undefined;
  const encoded = ENCODED[name];
  return encoded in record ? record[encoded] : record[name];
}

/** The check for base64 reads at most this many characters. Plain text of this length hardly ever looks like base64. */
const CHECKED = 1024;

function isBase64(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length % 4 === 0 &&
    /^[A-Za-z0-9+/]*={0,2}$/.test(value.slice(0, CHECKED))
  );
}
