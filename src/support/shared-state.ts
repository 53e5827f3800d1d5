import { PACKAGE_NAME } from './version';

/** Raised when the shape of a shared value changes. */
const VERSION = 1;

/**
 * A value that all copies of this package in a process share: a container image may preload one copy while the program
 * depends on another. Use it for weak collections keyed by the program's objects only.
 */
export function sharedState<Value extends object>(name: string, create: () => Value): Value {
  const registry = globalThis as unknown as Record<symbol, Value | undefined>;
  return (registry[Symbol.for(`${PACKAGE_NAME}.${name}.v${String(VERSION)}`)] ??= create());
}
