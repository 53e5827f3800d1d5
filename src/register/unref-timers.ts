import { AsyncLocalStorage, createHook } from 'node:async_hooks';

/** As long as an exporter retries by default. */
const RETRYING_MS = 10_000;

const isUnref = new AsyncLocalStorage<true>();
const hook = createHook({
  init(_id, type, _trigger, resource) {
    if (type === 'Timeout' && isUnref.getStore()) (resource as NodeJS.Timeout).unref();
  },
});
let off: NodeJS.Timeout | undefined;

/**
 * Runs `work` so that no timer that it sets, now or later, keeps the process alive. An exporter's own timers would: one for the time
 * that an export may take, one before each retry, and no option reaches them.
 *
 * Asynchronous hooks slow down every promise, so they are on for a few seconds only.
 */
export function withUnrefTimers<T>(work: () => T): T {
  hook.enable();
  off ??= setTimeout(() => hook.disable(), RETRYING_MS).unref();
  off.refresh();
  return isUnref.run(true, work);
}
