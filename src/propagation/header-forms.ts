import { types } from 'node:util';
import { isObject, isPlainObject } from '../support/copies';
import { packageLogging } from '../support/guard';

/**
 * Converts the headers of a message to an object. Accepts an object, a Map, or an array of `{ name: value }` or of
 * `[name, value]`. Bytes in any form become Buffers, for example the arrays of numbers that AWS Lambda passes. Headers
 * in another form are logged once.
 *
 * @returns `undefined` for missing headers, and for headers in an unknown form
 */
export function readHeaders(headers: unknown): Readonly<Record<string, unknown>> | undefined {
  if (headers === undefined || headers === null) return undefined;
  const entries = entriesOf(headers);
  if (!entries) {
    packageLogging.log.warn(
      'headers',
      'the headers of a message have an unknown form, so its trace does not continue. Pass a message whose headers are an object, a Map, or an array of { name: value }.',
    );
    return undefined;
  }
  const values = new Map<string, unknown[]>();
  for (const [key, value] of entries) {
    const name = Buffer.isBuffer(key) ? key.toString() : key;
    if (typeof name !== 'string') continue;
    const known = values.get(name);
    if (known) known.push(asBuffer(value));
    else values.set(name, [asBuffer(value)]);
  }
  const record = Object.create(null) as Record<string, unknown>;
  for (const [name, all] of values) record[name] = all.length === 1 ? all[0] : all.flat();
  return record;
}

type Entry = readonly [name: unknown, value: unknown];

function entriesOf(headers: unknown): Iterable<Entry> | undefined {
  if (types.isMap(headers)) return headers;
  if (Array.isArray(headers)) {
    if (!headers.every(each => Array.isArray(each) || isPlainObject(each))) return undefined;
    return headers.flatMap((each: object): Entry[] =>
      Array.isArray(each) ? [each as unknown as Entry] : Object.entries(each),
    );
  }
  if (!isObject(headers) || types.isUint8Array(headers)) return undefined;
  const entries = Object.entries(headers);
  // A class instance without own properties, such as the `Headers` of `fetch`, keeps its headers elsewhere and cannot be
  // read.
  return entries.length > 0 || isPlainObject(headers) ? entries : undefined;
}

/**
 * Converts bytes in any form to a Buffer, including the `{ type: 'Buffer', data }` that `JSON.stringify` writes.
 * Returns other values unchanged.
 */
function asBuffer(value: unknown): unknown {
  if (!isObject(value) || Buffer.isBuffer(value)) return value;
  if (types.isUint8Array(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const bytes = value['type'] === 'Buffer' ? value['data'] : value;
  return Array.isArray(bytes) && typeof bytes[0] === 'number' ? Buffer.from(bytes) : value;
}
