import { createRequire, register } from 'node:module';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';

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
 * Prepares the ESM loader hook. In ESM programs, instrumentations such as the one for HTTP need this hook. kafkajs does
 * not need it.
 *
 * Call this function before the instrumentations are created, because it collects the names of the modules that they
 * patch. The returned function activates the hook for these modules only. A hook for all modules would parse the whole
 * program.
 *
 * @param consumer - a file of the package that contains the instrumentations; the hook must use their copy of
 *   `import-in-the-middle`
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
      // `shouldInclude` runs in this thread, so it also knows the modules of instrumentations that are created later.
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
      // The main thread's hook also serves worker threads, so they register no hook. The URLs are passed as strings,
      // because Node.js 20.6 rejects URL objects.
      const hook = pathToFileURL(requireFromBase.resolve('import-in-the-middle/hook.mjs')).href;
      register(hook, pathToFileURL(base).href, {
        data: { include: [...names].map(urlOfPath), addHookMessagePort: port },
        transferList: [port],
      });
    }
  };
}

/**
 * The instrumentation for AWS Lambda registers the path of the Lambda function's file, but the loader thread needs a
 * URL.
 */
const urlOfPath = (name: string): string => (isAbsolute(name) ? pathToFileURL(name).href : name);

/**
 * True if synchronous hooks can be used. They run in this thread, so no loader thread is needed. `require` must support
 * ES modules, because the code of these hooks is an ES module.
 */
function canHookInThread(requireFromBase: NodeJS.Require): boolean {
  if (!('require_module' in process.features)) return false;
  try {
    const support = requireFromBase('import-in-the-middle/supports-sync-hooks.mjs') as SyncHookSupport;
    return support.supportsSyncHooks();
  } catch {
    // Older versions of import-in-the-middle have only asynchronous hooks.
    return false;
  }
}
