import { executionAsyncId } from 'node:async_hooks';
import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import type { Flush } from './flush';

type LeavingSignal = 'SIGTERM' | 'SIGINT';
type Emit = (event: string | symbol, ...args: unknown[]) => boolean;

/** SIGHUP is left alone: a listener would undo `nohup`. */
const SIGNALS: readonly LeavingSignal[] = ['SIGTERM', 'SIGINT'];

/** Below the promised 3 s after a signal and 1 s after the end of work, for what else takes time there. */
const SIGNAL_LIMIT_MS = 2_500;
const EXIT_LIMIT_MS = 700;
const EXIT_LIMIT_WITHOUT_RECORDS_MS = 200;

/**
 * How often a program is flushed that works on in `beforeExit`. A listener there may answer each of our exports with work of its own,
 * as Sentry's does, which reports that it saw a request: without a limit, such a program would never end.
 */
const EXIT_FLUSHES = 3;

/** How often an application that drains after a signal is flushed; it may call `process.exit()` at any time. */
const DRAIN_INTERVAL_MS = 500;
/** An application that is still there after this time is not about to leave. */
const DRAIN_LIMIT_MS = 60_000;

/** Time for a signal that the process sent to itself to take effect. */
const RERAISE_MS = 100;

/**
 * Sends the last telemetry when the process ends, and lets it end as it would have ended without us.
 *
 * `process.emit` is wrapped because a listener alone cannot hide: the application's own `beforeExit` listeners must not be called again
 * after our flush, and listeners of a signal that count each other, as those of signal-exit do, must not count ours.
 */
export function flushOnLeaving(flush: Flush): void {
  const host = process as { emit: Emit };
  const emit = host.emit.bind(process);
  const ending = { isFlushed: false, flushes: 0 };
  let draining: NodeJS.Timeout | undefined;
  let drained: NodeJS.Timeout | undefined;

  /** Keeps a signal from ending the process; `deliver` does the rest. */
  const holdSignal = () => undefined;

  /** Whether the flush takes this `beforeExit`. Node emits another one once the flush is over; that one is the application's. */
  function flushAtExit(): boolean {
    ending.isFlushed = !ending.isFlushed && ending.flushes < EXIT_FLUSHES;
    if (!ending.isFlushed) return false;
    ending.flushes += 1;
    void flush({
      withinMs: EXIT_LIMIT_MS,
      holdsLoop: true,
      withoutRecordsMs: EXIT_LIMIT_WITHOUT_RECORDS_MS,
      awaitRetries: false,
      onlyWithRecords: ending.flushes > 1,
    });
    return true;
  }

  /** Emits a signal as if there were no listener of ours. */
  function emitSignal(signal: LeavingSignal, args: readonly unknown[]): boolean {
    const listeners = process.rawListeners(signal);
    if (!listeners.includes(holdSignal)) return emit(signal, ...args);
    if (listeners.length === 1) return false;
    process.removeListener(signal, holdSignal);
    try {
      return emit(signal, ...args);
    } finally {
      const isKept = process.rawListeners(signal).some(listener => listeners.includes(listener));
      hold(signal, { anew: !isKept });
    }
  }

  /** Called by Node alone, when the signal arrives. */
  function deliver(signal: LeavingSignal, args: readonly unknown[]): void {
    if (process.listeners(signal).every(listener => listener === holdSignal)) {
      void leave(signal);
      return;
    }
    try {
      // Looked up now: an application may have put its own in place.
      host.emit(signal, ...args);
    } finally {
      drain();
    }
  }

  /** The application decides when it ends; until then, what it still does is sent in small steps. */
  function drain(): void {
    const flushNow = () => void flush({ withinMs: DRAIN_INTERVAL_MS, holdsLoop: false, awaitRetries: false });
    flushNow();
    draining ??= setInterval(flushNow, DRAIN_INTERVAL_MS).unref();
    drained ??= setTimeout(() => {
      clearInterval(draining);
      draining = drained = undefined;
    }, DRAIN_LIMIT_MS).unref();
  }

  async function leave(signal: LeavingSignal): Promise<void> {
    // From here on a second signal does what it does without us: it ends the process at once.
    for (const name of SIGNALS) process.removeListener(name, holdSignal);
    await flush({ withinMs: SIGNAL_LIMIT_MS, holdsLoop: true, awaitRetries: true });
    process.kill(process.pid, signal);
    // The kernel drops it for PID 1, which has no default actions. An application that has begun to listen meanwhile has it now.
    if (process.listenerCount(signal) === 0) {
      setTimeout(() => process.exit(128 + constants.signals[signal]), RERAISE_MS);
    }
  }

  /**
   * Listens to a signal. Node ties it to the `process.emit` of the moment when its first listener comes, so that `deliver` can tell
   * the arrival of a signal from an application's own call of `process.emit`. Where others came first, `anew` ties it once more.
   */
  function hold(signal: LeavingSignal, { anew }: { readonly anew: boolean }): void {
    const others = anew ? (process.rawListeners(signal) as NodeJS.SignalsListener[]) : [];
    for (const listener of others) process.removeListener(signal, listener);
    const current = host.emit;
    host.emit = (event, ...args) => {
      if (event !== signal) return emit(event, ...args);
      deliver(signal, args);
      return true;
    };
    try {
      for (const listener of others) process.on(signal, listener);
      process.on(signal, holdSignal);
    } finally {
      host.emit = current;
    }
  }

  host.emit = (event, ...args) => {
    if (isLeavingSignal(event)) return emitSignal(event, args);
    if (event === 'beforeExit' && isEmittedByNode() && flushAtExit()) return true;
    return emit(event, ...args);
  };
  // Signals are not delivered to worker threads.
  if (!isMainThread) return;
  for (const signal of SIGNALS) hold(signal, { anew: true });
}

const isLeavingSignal = (event: string | symbol): event is LeavingSignal =>
  (SIGNALS as readonly (string | symbol)[]).includes(event);

/** An application may emit `beforeExit` by hand, from within its code; Node does so with nothing of JavaScript running. */
const isEmittedByNode = (): boolean => executionAsyncId() === 0;
