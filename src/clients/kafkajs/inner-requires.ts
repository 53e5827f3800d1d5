import { createRequire, Module } from 'node:module';
import { dirname, join, sep } from 'node:path';

type Require = (this: NodeJS.Module, id: string) => unknown;

/**
 * Lets kafkajs find modules that it has required before without resolving them again. It requires the encoder and decoder of
 * a request whenever it makes one, and under a require hook, which every instrumentation installs, each of these resolves a
 * file name. On a broker that adds about 20 % to the CPU time of a `send()` of one message, more than all of its telemetry.
 *
 * @param kafkaClass - the `Kafka` class of this copy
 * @returns undoes it
 */
export function rememberInnerRequires(kafkaClass: object): () => void {
  const undo = requestModules(kafkaClass).map(rememberRequires);
  return () => {
    for (const each of undo) each();
  };
}

/** The modules of a copy of kafkajs that require at run time. None if a bundler or a test runner holds them. */
function requestModules(kafkaClass: object): NodeJS.Module[] {
  // All files share the cache, so the file given here does not matter.
  const loaded = Object.entries(createRequire(process.execPath).cache);
  const entry = loaded.find(([, module]) => module?.exports === kafkaClass);
  if (!entry) return [];
  const folder = join(dirname(entry[0]), 'protocol', 'requests') + sep;
  return loaded.flatMap(([file, module]) =>
    module && file.startsWith(folder) && file.endsWith(`${sep}index.js`) ? [module] : [],
  );
}

function rememberRequires(module: NodeJS.Module): () => void {
  // Someone else, such as a test runner, has replaced it.
  if (Object.hasOwn(module, 'require')) return () => undefined;
  const known = new Map<string, unknown>();
  let hooked: unknown;
  const remembering = (id: string): unknown => {
    const { require } = Module.prototype as unknown as { require: Require };
    // A hook that was installed since must see what it would have seen.
    if (require !== hooked) known.clear();
    hooked = require;
    if (!known.has(id)) known.set(id, require.call(module, id));
    return known.get(id);
  };
  Object.defineProperty(module, 'require', { value: remembering, configurable: true, writable: true });
  return () => {
    if (module.require === remembering) Reflect.deleteProperty(module, 'require');
  };
}
