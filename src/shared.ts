import { types } from 'node:util';
import { PACKAGE_NAME } from './version';

/** Raised when what is kept under these symbols changes its form, so that copies of different releases do not misread each other. */
const FORMAT = 1;

/**
 * A value that every copy of this package in a process shares: the one that a container image preloads and the one that the
 * program depends on are two. Only weak collections keyed by the program's own objects belong here.
 *
 * A copy keeps a value of its own where something else stands in that place, or where nothing can be added to the global object.
 */
export function shared<Value extends object>(name: string, create: () => Value): Value {
  const own = create();
  const symbol = Symbol.for(`${PACKAGE_NAME}.${name}.v${FORMAT}`);
  const present = Object.getOwnPropertyDescriptor(globalThis, symbol);
  if (present) return isAlike(present.value, own) ? present.value : own;
  Reflect.defineProperty(globalThis, symbol, { value: own, writable: true, configurable: true });
  return own;
}

function isAlike<Value extends object>(value: unknown, own: Value): value is Value {
  return types.isWeakMap(own) ? types.isWeakMap(value) : types.isWeakSet(own) && types.isWeakSet(value);
}
