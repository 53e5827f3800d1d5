import { createHash } from 'node:crypto';
import { types } from 'node:util';
import type { OwnedObjects } from './owned';

/** Limits for nested values. No return value of kafkajs reaches them. */
const MAX_DEPTH = 7;
const MAX_ENTRIES = 200;

/** Longer strings and buffers are replaced by a hash. */
const MAX_LENGTH = 4096;

/**
 * Copies a value to plain data, so that two runs can be compared. An object of the program becomes its number,
 * everything else is copied. Runs no code of the program: no getters, no Proxy traps, no `toJSON`.
 */
export function image(value: unknown, owned: OwnedObjects, depth = 0): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return primitive(value);
  const number = owned.numberOf(value);
  if (number !== undefined) return `own #${number}`;
  if (types.isProxy(value)) return 'Proxy';
  if (depth > MAX_DEPTH) return '…';
  return content(value, owned, depth);
}

/** Copies the content of an object of the program. */
export function inside(value: object, owned: OwnedObjects): unknown {
  return types.isProxy(value) ? 'Proxy' : content(value, owned, 0);
}

function content(value: object, owned: OwnedObjects, depth: number): unknown {
  const below = (part: unknown) => image(part, owned, depth + 1);
  if (types.isUint8Array(value)) return `${nameOf(value)} ${bytes(value)}`;
  if (types.isPromise(value)) return 'Promise';
  if (typeof value === 'function') return `function ${value.name}/${value.length}`;
  const inner: Record<string, unknown> = {};
  if (types.isMap(value)) inner['(entries)'] = [...value].map(([key, part]) => [below(key), below(part)]);
  if (types.isSet(value)) inner['(values)'] = [...value].map(below);
  if (types.isDate(value) || types.isRegExp(value)) inner['(text)'] = String(value);
  if (types.isBoxedPrimitive(value)) inner['(primitive)'] = primitive(value.valueOf());
  const keys = Reflect.ownKeys(value);
  for (const key of keys.slice(0, MAX_ENTRIES)) {
    if (key === 'stack' && (types.isNativeError(value) || value instanceof Error)) continue;
    const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
    if (descriptor) inner[String(key)] = property(descriptor, below);
  }
  return {
    of: nameOf(value),
    ...(Object.isFrozen(value) && keys.length > 0 ? { frozen: true } : {}),
    ...inner,
  };
}

function property(descriptor: PropertyDescriptor, below: (part: unknown) => unknown): unknown {
  if (descriptor.get || descriptor.set) return 'accessor';
  const value = below(descriptor.value);
  return descriptor.enumerable && descriptor.writable ? value : { hidden: !descriptor.enumerable, value };
}

function nameOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return 'null';
  const made: unknown = Reflect.getOwnPropertyDescriptor(prototype as object, 'constructor')?.value;
  return typeof made === 'function' ? made.name : 'unknown';
}

function primitive(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length > MAX_LENGTH ? `string ${hash(value, value.length)}` : `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  return String(value);
}

function bytes(value: Uint8Array): string {
  return value.length > MAX_LENGTH ? hash(value, value.length) : Buffer.from(value).toString('hex');
}

function hash(value: string | Uint8Array, length: number): string {
  return `${length}:${createHash('sha1').update(value).digest('hex')}`;
}
