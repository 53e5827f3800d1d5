import { createRequire, Module } from 'node:module';
import { dirname, join, sep } from 'node:path';
import type { KafkaClass } from './types';

type Require = (this: NodeJS.Module, id: string) => unknown;

/**
 * Lets kafkajs find what it has required before without asking Node.js again. It requires the encoder and the decoder of a request
 * whenever it makes one; under a require hook, which this and every other instrumentation installs, each of these resolves a file
 * name anew, and that makes a `send()` of one message a third dearer than all its telemetry does.
 *
 * @returns what takes it back
 */
export function rememberRequires(kafkaClass: KafkaClass): () => void {
  const undo = requestModules(kafkaClass).map(remember);
  return () => {
    for (const one of undo) one();
  };
}

/** The modules of a copy of kafkajs that require later than while they load; none where a bundler or a test runner keeps them. */
function requestModules(kafkaClass: KafkaClass): NodeJS.Module[] {
  // The file that a require is made for plays no part: all share the cache.
  const loaded = Object.entries(createRequire(process.execPath).cache);
  const entry = loaded.find(([, module]) => module?.exports === kafkaClass);
  if (!entry) return [];
  const folder = join(dirname(entry[0]), 'protocol', 'requests') + sep;
  return loaded.flatMap(([file, module]) =>
    module && file.startsWith(folder) && file.endsWith(`${sep}index.js`) ? [module] : [],
  );
}

function remember(module: NodeJS.Module): () => void {
  // Somebody else's, a test runner's for instance.
  if (Object.hasOwn(module, 'require')) return () => undefined;
  const known = new Map<string, unknown>();
  let through: unknown;
  const remembering = (id: string): unknown => {
    const require = (Module.prototype as unknown as { require: Require }).require;
    // A hook that comes later is to see what it would have seen.
    if (require !== through) known.clear();
    through = require;
    if (!known.has(id)) known.set(id, require.call(module, id));
    return known.get(id);
  };
  Object.defineProperty(module, 'require', { value: remembering, configurable: true, writable: true });
  return () => {
    if (module.require === remembering) Reflect.deleteProperty(module, 'require');
  };
}
