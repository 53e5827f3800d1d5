/**
 * Hands client libraries over from a bundle to the instrumentation. A bundle that `@org/kafka-otel/bundler` has built puts the
 * exports of each library into a registry on the global object. An enabled instrumentation reads the registry and listens to
 * it. The bundle does not load this package, and either side may come first.
 */
import { types } from 'node:util';
import { PACKAGE_NAME } from './version';

/** A client library in a bundle. */
export interface HandedOver {
  /** What `handOverMark` returns for the package. */
  readonly mark: string;
  readonly exports: unknown;
}

interface Registry {
  readonly modules: readonly HandedOver[];
  readonly listeners: Set<(module: HandedOver) => void>;
}

/** The version is increased when the shape of the registry changes. */
const REGISTRY = `${PACKAGE_NAME}.bundled.v1`;

/** A text in every bundle that hands this package over. A minifier keeps it, so the doctor finds it. */
export const handOverMark = (packageName: string): string => `${PACKAGE_NAME}/bundler ${packageName}`;

/**
 * One line for the end of a CommonJS file. It needs nothing but the language. A failure, for example because the global object
 * is frozen, does not reach the program.
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

/** What bundles have handed over so far. */
export const handedOver = (): readonly HandedOver[] => openRegistry()?.modules ?? [];

/** @returns a function that ends the listening */
export function onHandedOver(listener: (module: HandedOver) => void): () => void {
  const listeners = openRegistry()?.listeners;
  listeners?.add(listener);
  return () => {
    listeners?.delete(listener);
  };
}

/** `undefined` if the global object cannot be extended, or has something else under this name. */
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
