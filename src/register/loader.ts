import { createRequire, register } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';

/** What is used of `import-in-the-middle`. */
interface ImportInTheMiddle {
  createAddHookMessageChannel(): { readonly addHookMessagePort: MessagePort };
}
interface SyncHookSupport {
  supportsSyncHooks(): boolean;
}
interface SyncHooks {
  register(options: { shouldInclude: (url: string, specifier: string) => boolean }): void;
}

/**
 * Prepares the ESM loader hook that instrumentations of other libraries (HTTP first of all) need in ESM programs; kafkajs needs none.
 *
 * To be called before the instrumentations are made: from then on, the names of the modules that they hook are collected. The returned
 * function activates the hook for exactly those modules. A hook for every module, the usual recipe, parses and wraps the whole program.
 *
 * @param consumer - A file of the package that brings the instrumentations: the hook must be the copy that *they* register with.
 */
export function prepareEsmLoader(consumer: string): () => void {
  const base = createRequire(consumer).resolve('@opentelemetry/instrumentation');
  const requireFromBase = createRequire(base);
  const { addHookMessagePort: port } = (
    requireFromBase('import-in-the-middle') as ImportInTheMiddle
  ).createAddHookMessageChannel();

  const names = new Set<string>();
  const collect = () => {
    for (;;) {
      const received = receiveMessageOnPort(port) as { message: readonly string[] } | undefined;
      if (!received) return;
      for (const name of received.message) names.add(name);
    }
  };

  return () => {
    collect();
    if (canHookInThread(requireFromBase)) {
      // In this thread, so that instrumentations made later by the program count as well.
      (requireFromBase('import-in-the-middle/register-hooks.mjs') as SyncHooks).register({
        shouldInclude(url, specifier) {
          collect();
          return (
            names.has(specifier.replace(/^node:/, '')) ||
            (url.startsWith('file:') && names.has(fileURLToPath(url)))
          );
        },
      });
    } else if (isMainThread) {
      // The loader thread serves the workers too. URLs as text: Node 20.6 cannot take them as objects.
      const hook = pathToFileURL(requireFromBase.resolve('import-in-the-middle/hook.mjs')).href;
      register(hook, pathToFileURL(base).href, {
        data: { include: [...names], addHookMessagePort: port },
        transferList: [port],
      });
    }
  };
}

/** Synchronous hooks need no second thread and no deprecated API; loading them needs `require` of ESM, as their Nodes have it. */
function canHookInThread(requireFromBase: NodeJS.Require): boolean {
  if (!('require_module' in process.features)) return false;
  try {
    const support = requireFromBase('import-in-the-middle/supports-sync-hooks.mjs') as SyncHookSupport;
    return support.supportsSyncHooks();
  } catch {
    // An older import-in-the-middle has asynchronous hooks only.
    return false;
  }
}
