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
 * Lower than the documented limits (3 s after a signal, 1 s if the program ends by itself), because other steps take time
 * too.
 */
const SIGNAL_LIMIT_MS = 2_500;
const EXIT_LIMIT_MS = 700;
const EXIT_LIMIT_WITHOUT_RECORDS_MS = 200;

/**
 * How often `beforeExit` may flush. A `beforeExit` listener of the program may start new work because of our export (Sentry
 * reports the request), and that work leads to another `beforeExit`. Without a limit, such a program would never end.
 */
const MAX_EXIT_FLUSHES = 3;

/** Time between two flushes while the application handles a signal. The application may call `process.exit()` at any time. */
const SHUTDOWN_INTERVAL_MS = 500;
/** If the application still runs after this time, the signal was not meant to end it. */
const SHUTDOWN_LIMIT_MS = 60_000;

/** How long the process waits for a signal that it has sent to itself. */
const RERAISE_MS = 100;

/**
 * Sends the last telemetry when the process ends, and lets it end as it would without this package.
 *
 * Wraps `process.emit`, because the application would notice our listener. A flush leads to a second `beforeExit`, so
 * the application's listeners would be called twice. And code that counts signal listeners, such as signal-exit, would count
 * ours.
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
   * Starts a flush and returns true if this `beforeExit` must not reach the application. Node emits `beforeExit` again after
   * the flush.
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
    // While it handles the signal, the application may remove its last listener and add another one.
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

  /** Bun and Deno call the listeners of a signal without `process.emit`. Our listener is the first. */
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
    // The kernel ignores this signal if the process is PID 1 and has no listener, so `process.exit` is needed. If the
    // application has added a listener by now, that listener has got the signal.
    if (process.listenerCount(signal) === 0) {
      setTimeout(() => process.exit(128 + constants.signals[signal]), RERAISE_MS);
    }
  }

  /**
   * When the first listener of a signal is added, Node stores the current `process.emit` and calls it when the signal
   * arrives. So this function sets a `process.emit` that calls `onSignal`.
   *
   * @returns a function that puts the previous one back
   */
  function bindNewListeners(signal: ExitSignal): () => void {
    const previous = host.emit;
    const bound: Emit = (event, ...args) => {
      if (event !== signal) return previous(event, ...args);
      // A listener of the application has emitted the signal again while it handles the signal.
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
   * Adds our listener. Existing listeners are removed and added again, so that Node calls `onSignal`. In Bun and Deno, our
   * listener must be the first, and Deno's `prependListener` does not put it there.
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

  // Bun calls the listeners of `beforeExit` without `process.emit`, so Bun calls the application's listeners again after a
  // flush.
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

/** False if the application itself emits `beforeExit`. When Node emits the event, no JavaScript is running, so the id is 0. */
const isEmittedByNode = (): boolean => executionAsyncId() === 0;
