import { types } from 'node:util';
import { PACKAGE_NAME } from './version';

/**
 * Increase it when the shape of a shared value changes. Then copies from different releases do not share values that they
 * would misread.
 */
const VERSION = 1;

/**
 * A WeakMap or WeakSet that all copies of this package in a process share. A container image may preload one copy, while the
 * program depends on another. If the global object cannot be extended, or already has a different value under this name, the
 * copy of the package uses a value of its own.
 */
export function sharedState<Value extends object>(name: string, create: () => Value): Value {
  const own = create();
  const symbol = Symbol.for(`${PACKAGE_NAME}.${name}.v${String(VERSION)}`);
  const present = Object.getOwnPropertyDescriptor(globalThis, symbol);
  if (present) return isSameType(present.value, own) ? present.value : own;
  Reflect.defineProperty(globalThis, symbol, { value: own, writable: true, configurable: true });
  return own;
}

function isSameType<Value extends object>(value: unknown, own: Value): value is Value {
  return types.isWeakMap(own) ? types.isWeakMap(value) : types.isWeakSet(own) && types.isWeakSet(value);
}
