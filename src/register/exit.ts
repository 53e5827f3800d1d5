import { executionAsyncId } from 'node:async_hooks';
import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import type { Flush } from './flush';
import { otherRuntime } from './mode';

type ExitSignal = 'SIGTERM' | 'SIGINT';
type Emit = (event: string | symbol, ...args: unknown[]) => boolean;

/** SIGHUP is not listed, because a listener for it would undo `nohup`. */
const SIGNALS: readonly ExitSignal[] = ['SIGTERM', 'SIGINT'];

/**
 * The docs promise at most 3 s after a signal, and 1 s if the program ends by itself. These limits are lower, because
 * other steps take time too.
 */
const SIGNAL_LIMIT_MS = 2_500;
const EXIT_LIMIT_MS = 700;
const EXIT_LIMIT_WITHOUT_RECORDS_MS = 200;

/**
 * The largest number of flushes in `beforeExit`. Without a limit, some programs would never end: a flush may cause new
 * work (for example, Sentry reports the export request), and Node then emits `beforeExit` again.
 */
const MAX_EXIT_FLUSHES = 3;

/**
 * Time between two flushes while the application handles a signal. The flushes are frequent, because the application
 * may call `process.exit()` at any time.
 */
const SHUTDOWN_INTERVAL_MS = 500;
/** These flushes stop after this time. If the application still runs then, the signal was not meant to end it. */
const SHUTDOWN_LIMIT_MS = 60_000;

/** How long the process waits for a signal that it has sent to itself. */
const RERAISE_MS = 100;

/**
 * Sends the last telemetry when the process ends. The process still ends as it would without this package.
 *
 * Wraps `process.emit` instead of adding normal listeners, which the application would notice. For example, the
 * application would get a second `beforeExit` after each flush, and the npm package signal-exit would count our signal
 * listener.
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

  /** In Node.js, this listener only keeps the signal from ending the process. `onSignal` does the work. */
  const ourListener: NodeJS.SignalsListener = runtime === undefined ? () => undefined : onSignalElsewhere;

  /**
   * Starts a flush and returns true. In this case, the current `beforeExit` is hidden from the application, because
   * Node.js emits the event again after the flush. Returns false if a flush has just ended, or after `MAX_EXIT_FLUSHES`
   * flushes.
   */
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
    // The application may now remove its last listener and add a new one. Later signals must still reach `onSignal`.
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

  /** Called when a signal arrives, but not when the application itself calls `process.emit('SIGTERM')`. */
  function onSignal(signal: ExitSignal, args: readonly unknown[]): void {
    if (process.listeners(signal).every(listener => listener === ourListener)) {
      void flushAndReraise(signal);
      return;
    }
    try {
      // Read `host.emit` only now: the application may have replaced it.
      host.emit(signal, ...args);
    } finally {
      flushDuringShutdown();
    }
  }

  /**
   * Bun and Deno call the listeners of a signal directly, without `process.emit`. This function is the first listener
   * and does the work of `onSignal`.
   */
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
    // Remove our listener, so that a second signal ends the process at once, as without this package.
    for (const name of SIGNALS) process.removeListener(name, ourListener);
    await flush({ withinMs: SIGNAL_LIMIT_MS, keepsAlive: true, awaitRetries: true });
    process.kill(process.pid, signal);
    // If no listener is left, the kernel ignores a signal to PID 1 (the main process of a container). So `process.exit`
    // must end such a process.
    if (process.listenerCount(signal) === 0) {
      setTimeout(() => process.exit(128 + constants.signals[signal]), RERAISE_MS);
    }
  }

  /**
   * When a signal gets its first listener, Node stores the current `process.emit` and calls it whenever the signal
   * arrives. So this function installs a `process.emit` that calls `onSignal`.
   *
   * @returns a function that restores the previous `process.emit`
   */
  function bindNewListeners(signal: ExitSignal): () => void {
    const previous = host.emit;
    const bound: Emit = (event, ...args) => {
      if (event !== signal) return previous(event, ...args);
      // The application itself emitted the signal in its own listener.
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
   * Adds our listener. All other listeners are removed and added again. In Node.js, this makes Node call `onSignal`. In
   * Bun and Deno, it makes our listener the first.
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

  // Bun does not use `process.emit` for `beforeExit`. So after a flush, Bun calls the application's listeners again.
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

/**
 * False if the application itself emits `beforeExit`. When Node emits the event, no JavaScript is running, so the async
 * id is 0.
 */
const isEmittedByNode = (): boolean => executionAsyncId() === 0;
