import { types } from 'node:util';
import { PACKAGE_NAME } from './version';

/** Raised when the shape of a shared value changes, so that copies of different releases do not misread each other. */
const VERSION = 1;

/**
 * A WeakMap or WeakSet that all copies of this package in a process share: a container image may preload one copy while the
 * program depends on another. A copy keeps its own if the global object cannot be extended or holds something else there.
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
