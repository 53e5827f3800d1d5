import { executionAsyncId } from 'node:async_hooks';
import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import type { Flush } from './flush';
import { otherRuntime } from './mode';

type ExitSignal = 'SIGTERM' | 'SIGINT';
type Emit = (event: string | symbol, ...args: unknown[]) => boolean;

/** SIGHUP is not listed, because a listener for it would undo `nohup`. */
const SIGNALS: readonly ExitSignal[] = ['SIGTERM', 'SIGINT'];

/** Lower than the documented limits (3 s after a signal, 1 s after the end of work), because other steps take time too. */
const SIGNAL_LIMIT_MS = 2_500;
const EXIT_LIMIT_MS = 700;
const EXIT_LIMIT_WITHOUT_RECORDS_MS = 200;

/**
 * How often a program that starts new work in `beforeExit` is flushed. A listener may start new work after each of our
 * exports, for example Sentry's when it reports a request. Without a limit, such a program would never end.
 */
const MAX_EXIT_FLUSHES = 3;

/** How often telemetry is sent while an application shuts down after a signal. It may call `process.exit()` at any time. */
const SHUTDOWN_INTERVAL_MS = 500;
/** If an application still runs after this time, it is not shutting down. */
const SHUTDOWN_LIMIT_MS = 60_000;

/** How long the process waits for a signal that it has sent to itself. */
const RERAISE_MS = 100;

/**
 * Sends the last telemetry when the process ends, and lets it end as it would without this package.
 *
 * Wraps `process.emit`, because a listener alone would be noticed. The application's own `beforeExit` listeners must not be
 * called again after our flush. Code that counts the listeners of a signal, such as signal-exit, must not count ours.
 */
export function flushOnExit(flush: Flush): void {
  const runtime = otherRuntime(process.versions);
  const host = process as { emit: Emit };
  const emit = host.emit.bind(process);
  let isFlushed = false;
  let flushes = 0;
  let shutdownInterval: NodeJS.Timeout | undefined;
  let shutdownLimit: NodeJS.Timeout | undefined;

  /** Signals that the application's listeners are handling now. */
  const emitting = new Set<ExitSignal>();

  /** In Node.js, it only keeps the signal from ending the process; `onSignal` does the work. */
  const ourListener: NodeJS.SignalsListener = runtime === undefined ? () => undefined : onSignalElsewhere;

  /** True if this `beforeExit` is used for a flush. Node emits another one after the flush, for the application. */
  function flushAtExit(): boolean {
    isFlushed = !isFlushed && flushes < MAX_EXIT_FLUSHES;
    if (!isFlushed) return false;
    flushes += 1;
    void flush({
      withinMs: EXIT_LIMIT_MS,
      keepsAlive: true,
      withoutRecordsMs: EXIT_LIMIT_WITHOUT_RECORDS_MS,
      awaitRetries: false,
      onlyWithRecords: flushes > 1,
    });
    return true;
  }

  /** Emits a signal as if our listener did not exist. */
  function emitWithoutOurs(signal: ExitSignal, args: readonly unknown[]): boolean {
    const listeners = process.rawListeners(signal);
    if (!listeners.includes(ourListener)) return emit(signal, ...args);
    if (listeners.length === 1) return false;
    process.removeListener(signal, ourListener);
    // The application may remove its last listener and add another one meanwhile.
    const restore = bindNewListeners(signal);
    emitting.add(signal);
    try {
      return emit(signal, ...args);
    } finally {
      emitting.delete(signal);
      process.on(signal, ourListener);
      restore();
    }
  }

  /** Called only when a signal arrives, not when the application emits one. */
  function onSignal(signal: ExitSignal, args: readonly unknown[]): void {
    if (process.listeners(signal).every(listener => listener === ourListener)) {
      void flushAndReraise(signal);
      return;
    }
    try {
      // `host.emit` is looked up now, because the application may have replaced it.
      host.emit(signal, ...args);
    } finally {
      flushDuringShutdown();
    }
  }

  /** Bun and Deno call the listeners of a signal without `process.emit`, ours first. */
  function onSignalElsewhere(signal: NodeJS.Signals): void {
    if (!isExitSignal(signal)) return;
    if (process.listeners(signal).every(listener => listener === ourListener)) {
      void flushAndReraise(signal);
      return;
    }
    process.removeListener(signal, ourListener);
    setImmediate(() => {
      listenTo(signal);
    });
    flushDuringShutdown();
  }

  /** The application decides when the process ends. Until then, its telemetry is sent at short intervals. */
  function flushDuringShutdown(): void {
    const flushNow = () =>
      void flush({ withinMs: SHUTDOWN_INTERVAL_MS, keepsAlive: false, awaitRetries: false });
    flushNow();
    shutdownInterval ??= setInterval(flushNow, SHUTDOWN_INTERVAL_MS).unref();
    shutdownLimit ??= setTimeout(() => {
      clearInterval(shutdownInterval);
      shutdownInterval = shutdownLimit = undefined;
    }, SHUTDOWN_LIMIT_MS).unref();
  }

  async function flushAndReraise(signal: ExitSignal): Promise<void> {
    // Our listener is removed, so that a second signal ends the process at once, as without this package.
    for (const name of SIGNALS) process.removeListener(name, ourListener);
    await flush({ withinMs: SIGNAL_LIMIT_MS, keepsAlive: true, awaitRetries: true });
    process.kill(process.pid, signal);
    // For PID 1, the kernel ignores a signal that has no listener. If the application has a listener by now, it has got the
    // signal.
    if (process.listenerCount(signal) === 0) {
      setTimeout(() => process.exit(128 + constants.signals[signal]), RERAISE_MS);
    }
  }

  /**
   * When the first listener of a signal is added, Node remembers the current `process.emit`, and calls it when the signal
   * arrives. This function puts a `process.emit` in place that calls `onSignal`.
   *
   * @returns a function that puts the previous one back
   */
  function bindNewListeners(signal: ExitSignal): () => void {
    const previous = host.emit;
    const bound: Emit = (event, ...args) => {
      if (event !== signal) return previous(event, ...args);
      // Called by a listener of the application while that listener handles the signal.
      if (emitting.has(signal)) return emit(event, ...args);
      onSignal(signal, args);
      return true;
    };
    host.emit = bound;
    return () => {
      if (host.emit === bound) host.emit = previous;
    };
  }

  /**
   * Adds our listener. Listeners that were there before are removed and added again, so that Node calls `onSignal`. In Bun and
   * Deno, ours must be the first listener, and Deno's `prependListener` does not add it there.
   */
  function listenTo(signal: ExitSignal): void {
    const others = process.rawListeners(signal) as NodeJS.SignalsListener[];
    for (const listener of others) process.removeListener(signal, listener);
    const restore = runtime === undefined ? bindNewListeners(signal) : undefined;
    try {
      for (const listener of runtime === undefined ? [...others, ourListener] : [ourListener, ...others])
        process.on(signal, listener);
    } finally {
      restore?.();
    }
  }

  // Bun calls the listeners of `beforeExit` without `process.emit`, so the application's are called again after the flush.
  if (runtime === 'bun') process.prependListener('beforeExit', flushAtExit);
  host.emit = (event, ...args) => {
    if (isExitSignal(event)) return emitWithoutOurs(event, args);
    if (event === 'beforeExit' && isEmittedByNode() && flushAtExit()) return true;
    return emit(event, ...args);
  };
  // Signals are not delivered to worker threads.
  if (!isMainThread) return;
  for (const signal of SIGNALS) listenTo(signal);
}

const isExitSignal = (event: string | symbol): event is ExitSignal =>
  (SIGNALS as readonly (string | symbol)[]).includes(event);

/** False if the application itself emits `beforeExit`. When Node emits it, no other JavaScript is running. */
const isEmittedByNode = (): boolean => executionAsyncId() === 0;
