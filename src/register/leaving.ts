import { executionAsyncId } from 'node:async_hooks';
import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import type { Flush } from './flush';

type LeavingSignal = 'SIGTERM' | 'SIGINT';

/** SIGHUP is left alone: a listener would undo `nohup`. */
const SIGNALS: readonly LeavingSignal[] = ['SIGTERM', 'SIGINT'];

/** Below the promised 3 s after a signal and 1 s after the end of work, for what else takes time there. */
const SIGNAL_LIMIT_MS = 2_500;
const EXIT_LIMIT_MS = 700;
const EXIT_LIMIT_WITHOUT_RECORDS_MS = 200;

/** How often an application that drains after a signal is flushed; it may call `process.exit()` at any time. */
const DRAIN_INTERVAL_MS = 500;

/** Time for a signal that the process sent to itself to take effect. */
const RERAISE_MS = 100;

/**
 * Sends the last telemetry when the process ends, and lets it end as it would have ended without us.
 *
 * `process.emit` is wrapped because listeners alone cannot tell two things: whether the application listens to a signal as well, when
 * its `once` listener was already removed before ours ran; and that the loop ran empty, without the application's own `beforeExit`
 * listeners being called again after our flush.
 */
export function flushOnLeaving(flush: Flush): void {
  const emit = process.emit.bind(process) as (event: string | symbol, ...args: unknown[]) => boolean;
  const leaving = { applicationListens: false, flushed: false };
  let draining: NodeJS.Timeout | undefined;

  function beforeEmit(event: string | symbol): 'deliver' | 'withhold' {
    if (isLeavingSignal(event)) {
      leaving.applicationListens = process.listeners(event).some(listener => listener !== onSignal);
    }
    if (event !== 'beforeExit' || !isEmittedByNode()) return 'deliver';
    // Node emits it again once the flush is over and the loop is empty again; that one is the application's.
    leaving.flushed = !leaving.flushed;
    if (!leaving.flushed) return 'deliver';
    void flush({
      withinMs: EXIT_LIMIT_MS,
      holdsLoop: true,
      withoutRecordsMs: EXIT_LIMIT_WITHOUT_RECORDS_MS,
      awaitRetries: false,
    });
    return 'withhold';
  }

  function onSignal(signal: NodeJS.Signals): void {
    if (leaving.applicationListens) drain();
    else void leave(signal);
  }

  /** The application decides when it ends; until then, what it still does is sent in small steps. */
  function drain(): void {
    const flushNow = () => void flush({ withinMs: DRAIN_INTERVAL_MS, holdsLoop: false, awaitRetries: false });
    flushNow();
    draining ??= setInterval(flushNow, DRAIN_INTERVAL_MS).unref();
  }

  async function leave(signal: NodeJS.Signals): Promise<void> {
    // From here on a second signal does what it does without us: it ends the process at once.
    for (const name of SIGNALS) process.removeListener(name, onSignal);
    await flush({ withinMs: SIGNAL_LIMIT_MS, holdsLoop: true, awaitRetries: true });
    process.kill(process.pid, signal);
    // The kernel drops it for PID 1, which has no default actions. An application that has begun to listen meanwhile has it now.
    if (process.listenerCount(signal) === 0) {
      setTimeout(() => process.exit(128 + constants.signals[signal]), RERAISE_MS);
    }
  }

  process.emit = ((event: string | symbol, ...args: unknown[]) =>
    beforeEmit(event) === 'deliver' ? emit(event, ...args) : true) as typeof process.emit;
  // Signals are not delivered to worker threads.
  if (!isMainThread) return;
  for (const signal of SIGNALS) {
    rebindListeners(signal);
    process.on(signal, onSignal);
  }
}

const isLeavingSignal = (event: string | symbol): event is LeavingSignal =>
  (SIGNALS as readonly (string | symbol)[]).includes(event);

/** An application may emit `beforeExit` by hand, from within its code; Node does so with nothing of JavaScript running. */
const isEmittedByNode = (): boolean => executionAsyncId() === 0;

/** Node ties a signal to the `process.emit` of the moment when its first listener came; this ties it anew, in the same order. */
function rebindListeners(signal: LeavingSignal): void {
  const listeners = process.rawListeners(signal) as NodeJS.SignalsListener[];
  for (const listener of listeners) process.removeListener(signal, listener);
  for (const listener of listeners) process.on(signal, listener);
}
