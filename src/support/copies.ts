import { types } from 'node:util';

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** True for an object literal and for an object with a null prototype, also from another realm. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!isObject(value) || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The usual case comes first, because the check for other realms is much slower.
  if (prototype === Object.prototype) return true;
  return (
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf'))
  );
}

/**
 * Copies an object with some properties replaced. A plain object is spread. For other objects, such as a Proxy or a
 * class instance, the copy inherits from the original. The properties in `known` are then copied as values, because a
 * getter that uses private fields would fail on the copy.
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
      properties[name] = ownProperty((original as Record<string, unknown>)[name]);
  }
  for (const name of Object.keys(replaced)) properties[name] = ownProperty(replaced[name]);
  return Object.create(original, properties) as Original;
}

/**
 * Like `{ ...original, ...replaced }`, but with `Object.assign`, which is ten times as fast up to Node.js 20. An own
 * property `__proto__` (from `JSON.parse`) needs a real spread, because `Object.assign` would change the prototype.
 */
export function spread<Original extends object>(original: Original, replaced?: object): Original {
  return Object.hasOwn(original, '__proto__')
    ? { ...original, ...replaced }
    : Object.assign({}, original, replaced);
}

/** True for a plain object without hidden properties. False for a Proxy, which may hide properties. */
function isSpreadable(value: object): boolean {
  return (
    isPlainObject(value) &&
    !types.isProxy(value) &&
    Object.getOwnPropertyNames(value).length === Object.keys(value).length
  );
}

/** The fields of a message that client libraries read, apart from its headers. */
const MESSAGE = ['key', 'value', 'partition', 'timestamp'] as const;

export function copyMessage<Message extends object>(
  message: Message,
  headers?: Readonly<Record<string, unknown>>,
): Message {
  const plain = plainCopyOf(message);
  if (plain) {
    if (headers) plain['headers'] = headers;
    return plain as Message;
  }
  // kafkajs reads even inherited and hidden properties when it validates a message and chooses the partition, but sends
  // only own enumerable ones. So the copy has all of them, but only those that kafkajs sends are enumerable.
  const properties = Object.create(null) as PropertyDescriptorMap;
  for (const name of new Set([...Object.keys(message), ...MESSAGE])) {
    if (!(name in message)) continue;
    const isSent = Object.prototype.propertyIsEnumerable.call(message, name);
    properties[name] = { ...ownProperty((message as Record<string, unknown>)[name]), enumerable: isSent };
  }
  if (headers) properties['headers'] = ownProperty(headers);
  return Object.create(message, properties) as Message;
}

/** `undefined` if a spread would lose something: for a Proxy, a class instance, or an object with hidden properties. */
function plainCopyOf(message: object): Record<string, unknown> | undefined {
  if (!isPlainObject(message) || types.isProxy(message)) return undefined;
  const { key, value, partition, timestamp } = message;
  const copy = spread(message);
  return copy['key'] === key &&
    copy['value'] === value &&
    copy['partition'] === partition &&
    copy['timestamp'] === timestamp
    ? copy
    : undefined;
}

/** The headers that a client sends. Headers that the message inherits are not sent. */
export function ownHeaders(message: object): unknown {
  const { headers } = message as { headers?: unknown };
  // Return early: most messages have no headers, and the check for an own property is expensive.
  if (headers === undefined) return undefined;
  return Object.prototype.propertyIsEnumerable.call(message, 'headers') ? headers : undefined;
}

/**
 * The headers that a client sends: the own enumerable properties of an object of any class. `undefined` if `headers` is
 * not an object: the client library then refuses the message.
 */
export function headerRecord(headers: unknown): Record<string, unknown> | undefined {
  if (isPlainObject(headers)) return headers;
  return isObject(headers) ? spread(headers) : undefined;
}

const ownProperty = (value: unknown): PropertyDescriptor => ({
  value,
  enumerable: true,
  writable: true,
  configurable: true,
});
