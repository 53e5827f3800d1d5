import { PACKAGE_NAME } from './version';

/**
 * A value that every copy of this package in a process shares: the one that a container image preloads and the one that the
 * program depends on are two. Only weak collections keyed by the program's own objects belong here.
 */
export function shared<Value extends object>(name: string, create: () => Value): Value {
  const registry = globalThis as unknown as Record<symbol, Value | undefined>;
  return (registry[Symbol.for(`${PACKAGE_NAME}.${name}`)] ??= create());
}
