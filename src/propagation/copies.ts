import { types } from 'node:util';
import { isPlainObject } from './headers';

/**
 * Copy on write: nothing that the program passes to kafkajs is ever changed, and kafkajs reads from the copy exactly what
 * it would have read from the original.
 */

/**
 * An object like `original` with some properties replaced. A plain one is spread. Of anything else (an instance with
 * getters, a Proxy, a frozen object) the copy inherits, with `known` properties read once through the original: a getter
 * that uses private fields would fail on any other receiver.
 */
export function derive<Original extends object>(
  original: Original,
  known: readonly string[],
  replaced: Readonly<Record<string, unknown>>,
): Original {
  if (isSpreadable(original)) return spread(original, replaced);
  const properties: PropertyDescriptorMap = {};
  for (const name of known) {
    if (name in original && !(name in replaced))
      properties[name] = own((original as Record<string, unknown>)[name]);
  }
  for (const name of Object.keys(replaced)) properties[name] = own(replaced[name]);
  return Object.create(original, properties) as Original;
}

/**
 * `{ ...original, ...replaced }`, ten times as fast: up to Node.js 20, V8 is slow to add a property to what a spread has made.
 * Assigning an own property `__proto__`, which `JSON.parse` makes, would change the prototype instead.
 */
export function spread<Original extends object>(original: Original, replaced?: object): Original {
  return Object.hasOwn(original, '__proto__')
    ? { ...original, ...replaced }
    : Object.assign({}, original, replaced);
}

/** Whether listing an object's properties tells all of them; a Proxy may answer for more than it lists. */
function isSpreadable(value: object): boolean {
  return (
    isPlainObject(value) &&
    !types.isProxy(value) &&
    Object.getOwnPropertyNames(value).length === Object.keys(value).length
  );
}

/** What kafkajs reads of a message, apart from its headers. */
const MESSAGE = ['key', 'value', 'partition', 'timestamp'];

/** A message like `message`, with other headers if any are given. */
export function copyOf<Message extends object>(
  message: Message,
  headers?: Readonly<Record<string, unknown>>,
): Message {
  const plain = plainCopyOf(message);
  if (plain) {
    if (headers) plain['headers'] = headers;
    return plain as Message;
  }
  // kafkajs validates and partitions through getters and prototype, but puts only own enumerable properties on the
  // wire. The copy must look the same from both sides.
  const properties = Object.create(null) as PropertyDescriptorMap;
  for (const name of new Set([...Object.keys(message), ...MESSAGE])) {
    if (!(name in message)) continue;
    const onTheWire = Object.prototype.propertyIsEnumerable.call(message, name);
    properties[name] = { ...own((message as Record<string, unknown>)[name]), enumerable: onTheWire };
  }
  if (headers) properties['headers'] = own(headers);
  return Object.create(message, properties) as Message;
}

interface Fields {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly partition?: unknown;
  readonly timestamp?: unknown;
  [field: string]: unknown;
}

/** A copy by assignment, where kafkajs reads the same of it; `undefined` for a Proxy, an instance, or what hides a property. */
function plainCopyOf(message: object): Fields | undefined {
  if (!isPlainObject(message) || types.isProxy(message)) return undefined;
  const { key, value, partition, timestamp } = message as Fields;
  const copy: Fields = spread(message);
  return copy.key === key &&
    copy.value === value &&
    copy.partition === partition &&
    copy.timestamp === timestamp
    ? copy
    : undefined;
}

/** The headers that kafkajs would put on the wire: a message's own, not inherited ones. */
export function ownHeaders(message: object): unknown {
  const { headers } = message as { headers?: unknown };
  // Most messages have none, and asking for its own property costs more than all else here.
  if (headers === undefined) return undefined;
  return Object.prototype.propertyIsEnumerable.call(message, 'headers') ? headers : undefined;
}

/**
 * Headers as kafkajs writes them: of an object of any class, its own enumerable properties. `undefined` for anything else, which is
 * left to kafkajs.
 */
export function headerRecord(headers: unknown): Record<string, unknown> | undefined {
  if (isPlainObject(headers)) return headers;
  return typeof headers === 'object' && headers !== null
    ? (spread(headers) as Record<string, unknown>)
    : undefined;
}

const own = (value: unknown): PropertyDescriptor => ({
  value,
  enumerable: true,
  writable: true,
  configurable: true,
});
