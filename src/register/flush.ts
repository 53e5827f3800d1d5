import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { diag, metrics, trace, type TracerProvider } from '@opentelemetry/api';
import { NOOP_TRACER_PROVIDER } from '../runtime';
import type { ExportRequests } from './export-requests';
import { toOneLine } from './logging';
import { otherRuntime } from './mode';

export interface FlushOptions {
  readonly withinMs: number;
  /** Whether the process is kept alive until the flush ends. */
  readonly keepsAlive: boolean;
  /** A shorter time limit, used if no span or log record is waiting and the process has not exported anything yet. */
  readonly withoutRecordsMs?: number;
  /** Whether to wait for the retry of a failed export, which takes a second or more. */
  readonly awaitRetries: boolean;
  /** If true and no span or log record is waiting, the flush sends nothing, not even metrics. */
  readonly onlyWithRecords?: boolean;
}

/**
 * Sends all telemetry that was recorded until now. Resolves when everything is sent, when the export has failed, or when the
 * time is up. Never rejects.
 */
export type Flush = (options: FlushOptions) => Promise<void>;

/** After a failed export, the flush waits this long, because exports of other telemetry may start a little later. */
const OTHER_EXPORTS_MS = 50;

interface RecordExport {
  readonly name: string;
  /** The path at the end of the exporter's URL. */
  readonly path: string;
  readonly provider: unknown;
  isSent?: boolean;
  problem?: string;
}

/** @param getLoggerProvider - returns the logger provider; the API package of SDK 2.x cannot return it */
export function createFlush(requests: ExportRequests, getLoggerProvider: () => unknown): Flush {
  let hasWarned = false;

  function warnIfNotSent(recordExports: readonly RecordExport[]): void {
    const [first, ...others] = recordExports.filter(
      ({ isSent, path }) => (!isSent || requests.problemAt(path) !== undefined) && !requests.isReported(path),
    );
    // Includes failed metric exports, which the `forceFlush` of a meter provider does not report.
    const failures = requests.takeUnreported();
    const names = [first, ...others].flatMap(unsent => unsent?.name ?? []);
    const signals = [...new Set([...names, ...failures.map(({ signal }) => signal)])];
    if (signals.length === 0 || hasWarned) return;
    hasWarned = true;
    const problem = first
      ? (requests.problemAt(first.path) ?? first.problem ?? 'the collector did not accept them in time')
      : failures[0]?.problem;
    diag.warn(
      `the last ${signals.join(' and ')} were not sent and are lost: ${problem}. Check the collector and the OTEL_EXPORTER_OTLP_* variables`,
    );
  }

  return ({ withinMs, keepsAlive, withoutRecordsMs = withinMs, awaitRetries, onlyWithRecords = false }) =>
    new Promise(resolve => {
      const endLastFlush = keepsAlive ? requests.beginLastFlush() : undefined;
      const hadRecords = requests.started > 0;
      const done = { records: false, all: false };
      const recordExports: readonly RecordExport[] = [
        { name: 'spans', path: '/v1/traces', provider: registeredTracerProvider() },
        { name: 'log records', path: '/v1/logs', provider: getLoggerProvider() },
      ];
      // Only these timers may keep the process alive. The exporters' sockets and timers are unref'd.
      const timers: NodeJS.Timeout[] = [];
      const after = (ms: number, run: () => void) => {
        const timer = setTimeout(run, ms);
        timers.push(keepsAlive ? timer.ref() : timer.unref());
      };
      after(withinMs, finish);
      const stopWatching = requests.onIdle(() => {
        if (done.all) finish();
        else if (requests.failing && !awaitRetries) after(OTHER_EXPORTS_MS, finishIfIdle);
      });

      function finish(): void {
        for (const timer of timers) clearTimeout(timer);
        stopWatching();
        if (keepsAlive) warnIfNotSent(recordExports);
        endLastFlush?.();
        resolve();
      }
      function finishIfIdle(): void {
        if (requests.inFlight === 0) finish();
      }
      async function flushAll(records: Promise<unknown>): Promise<void> {
        await Promise.all([records, forceFlush(metrics.getMeterProvider())]);
        done.all = true;
        // `forceFlush` does not wait for an export that was already in flight.
        after(0, finishIfIdle);
      }

      withUnrefTimers(() => {
        const records = Promise.all(recordExports.map(flushRecords)).then(() => {
          done.records = true;
        });
        if (!onlyWithRecords) void flushAll(records);
        setImmediate(() => {
          // No collector answers before this callback of `setImmediate` runs. So if `forceFlush` has already resolved,
          // there were no spans or log records to send.
          const hasRecords = !done.records;
          if (onlyWithRecords && hasRecords) void flushAll(records);
          else if (onlyWithRecords) finish();
          else if (!hasRecords && !hadRecords) after(withoutRecordsMs, finish);
        });
      });
    });
}

interface Flushable {
  forceFlush?: () => Promise<void>;
}

async function flushRecords(recordExport: RecordExport): Promise<void> {
  try {
    await (recordExport.provider as Flushable | undefined)?.forceFlush?.();
    recordExport.isSent = true;
  } catch (reason) {
    // A tracer provider rejects with an array of errors.
    recordExport.problem = toOneLine(Array.isArray(reason) ? reason[0] : reason);
  }
}

async function forceFlush(provider: unknown): Promise<void> {
  try {
    await (provider as Flushable | undefined)?.forceFlush?.();
  } catch {
    // The SDK has already logged the error.
  }
}

/** The tracer provider that an SDK has registered, without the API's proxy around it. */
export function registeredTracerProvider(): TracerProvider | undefined {
  const provider: TracerProvider & { getDelegate?: () => TracerProvider } = trace.getTracerProvider();
  const real = provider.getDelegate?.() ?? provider;
  // The no-op provider of another API copy is recognised by its class name. The one of our own API copy is compared by
  // identity, because a minifier may have changed its class name.
  return real === NOOP_TRACER_PROVIDER || real.constructor.name === 'NoopTracerProvider' ? undefined : real;
}

/** How long an exporter retries by default. */
const RETRY_TIME_MS = 10_000;

const isTimerUnref = new AsyncLocalStorage<true>();
const timerHook = otherRuntime(process.versions) === 'bun' ? wrapSetTimeout() : hookTimers();
let disableTimer: NodeJS.Timeout | undefined;

interface TimerHook {
  enable(): unknown;
  disable(): unknown;
}

function hookTimers(): TimerHook {
  return createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'Timeout' && isTimerUnref.getStore()) (resource as NodeJS.Timeout).unref();
    },
  });
}

/** Bun 1.4 never calls the hooks of `createHook`, so `setTimeout` is replaced there. */
function wrapSetTimeout(): TimerHook {
  const original = globalThis.setTimeout;
  const wrapped = ((...args: Parameters<typeof original>): NodeJS.Timeout => {
    const timer = original(...args);
    return isTimerUnref.getStore() ? timer.unref() : timer;
  }) as typeof original;
  // `util.promisify` needs a property of `setTimeout` that is not enumerable in some releases. So all properties are
  // copied.
  Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
  return {
    enable() {
      globalThis.setTimeout = wrapped;
    },
    disable() {
      if (globalThis.setTimeout === wrapped) globalThis.setTimeout = original;
    },
  };
}

/**
 * Runs `work` and unrefs each timer that `work` sets, now or later. Exporters have no option for this. The timer hook
 * slows down every promise, so it is active only for a few seconds.
 */
function withUnrefTimers(work: () => void): void {
  timerHook.enable();
  disableTimer ??= setTimeout(() => {
    timerHook.disable();
  }, RETRY_TIME_MS).unref();
  disableTimer.refresh();
  isTimerUnref.run(true, work);
}
