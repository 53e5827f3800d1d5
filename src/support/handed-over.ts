/**
 * Passes client libraries from a bundle to the instrumentation. A bundle that was built with `@org/kafka-otel/bundler`
 * puts the exports of each library into a registry on the global object. An enabled instrumentation reads this registry
 * and listens for additions, so the load order does not matter.
 */
import { types } from 'node:util';
import { PACKAGE_NAME } from './version';

/** A client library that a bundle has put into the registry. */
export interface HandedOver {
  readonly mark: string;
  readonly exports: unknown;
}

interface Registry {
  readonly modules: readonly HandedOver[];
  readonly listeners: Set<(module: HandedOver) => void>;
}

/** Increase the version when the shape of the registry changes. */
const REGISTRY = `${PACKAGE_NAME}.bundled.v1`;

/**
 * The bundler plugin puts this text into the bundle. A minifier keeps strings, so the `doctor` command can find the
 * text in a bundle.
 */
export const handOverMark = (packageName: string): string => `${PACKAGE_NAME}/bundler ${packageName}`;

/**
 * The code that the bundler plugin appends to a CommonJS file: one line without imports. It catches its own failures,
 * for example on a frozen global object.
 */
export function handOverCode(packageName: string): string {
  const [registry, mark] = [REGISTRY, handOverMark(packageName)].map(text => JSON.stringify(text));
  return [
    ';(function (key, module) {',
    'try {',
    'if (!(key in globalThis)) Object.defineProperty(globalThis, key, {',
    'value: { modules: [], listeners: new Set() }, writable: true, configurable: true });',
    'var registry = globalThis[key];',
    'registry.modules.push(module);',
    'registry.listeners.forEach(function (listener) { listener(module); });',
    '} catch (error) {}',
    `})(Symbol.for(${registry}), { mark: ${mark}, exports: module.exports });`,
  ].join(' ');
}

export const handedOver = (): readonly HandedOver[] => openRegistry()?.modules ?? [];

/** @returns a function that removes the listener */
export function onHandedOver(listener: (module: HandedOver) => void): () => void {
  const listeners = openRegistry()?.listeners;
  listeners?.add(listener);
  return () => {
    listeners?.delete(listener);
  };
}

/** `undefined` if the global object cannot be extended, or already has a different value under this name. */
function openRegistry(): Registry | undefined {
  const key = Symbol.for(REGISTRY);
  const present = Object.getOwnPropertyDescriptor(globalThis, key);
  if (present) return isRegistry(present.value) ? present.value : undefined;
  const value: Registry = { modules: [], listeners: new Set() };
  return Reflect.defineProperty(globalThis, key, { value, writable: true, configurable: true })
    ? value
    : undefined;
}

function isRegistry(value: unknown): value is Registry {
  const { modules, listeners } = (value ?? {}) as Partial<Registry>;
  return Array.isArray(modules) && types.isSet(listeners);
}
