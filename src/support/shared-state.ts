import { types } from 'node:util';
import { PACKAGE_NAME } from './version';

/** Increase this number when the shape of a shared value changes, so that different releases do not share the value. */
const VERSION = 1;

/**
 * Returns a WeakMap or WeakSet that all copies of this package in the process share. There may be two copies, for
 * example one in the container image and one in the program's dependencies. Returns an unshared value if the global
 * object cannot be extended, or if another value has the same name.
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
