import { diag, metrics } from '@opentelemetry/api';
import type { ExportRequests } from './export-requests';
import { registeredTracerProvider } from './providers';

export interface FlushLimits {
  /** The longest it may take, in milliseconds. */
  readonly withinMs: number;
  /** Whether the process is kept alive for it; never longer than it may take. */
  readonly holdsLoop: boolean;
  /** The same for a process that never had a span or a log record to send, only what instruments observe by themselves. */
  readonly withoutRecordsMs?: number;
  /** Whether a failed export is worth the wait for its retry, a second and more. */
  readonly awaitRetries: boolean;
}

/** Sends what is recorded so far, and settles when that is done or given up. Never rejects. */
export type Flush = (limits: FlushLimits) => Promise<void>;

/** Time for the exports of the other signals to start before a failed one counts as the last word. */
const STRAGGLER_MS = 50;

/** `logs` gives the logger provider; it is not in the API of every OpenTelemetry line. */
export function createFlush(requests: ExportRequests, logs: () => unknown): Flush {
  return ({ withinMs, holdsLoop, withoutRecordsMs = withinMs, awaitRetries }) =>
    new Promise(resolve => {
      const hadRecords = requests.started > 0;
      const sent = { records: false, all: false };
      // Only these hold the event loop: the exporters' sockets and timers do not.
      const timers: NodeJS.Timeout[] = [];
      const after = (ms: number, act: () => void) => {
        const timer = setTimeout(act, ms);
        timers.push(holdsLoop ? timer : timer.unref());
      };
      after(withinMs, giveUp);
      const stopWatching = requests.onIdle(() => {
        if (sent.all) finish();
        else if (requests.failing && !awaitRetries) after(STRAGGLER_MS, giveUpIfIdle);
      });

      function finish(): void {
        for (const timer of timers) clearTimeout(timer);
        stopWatching();
        resolve();
      }
      function finishIfIdle(): void {
        if (requests.inFlight === 0) finish();
      }
      function giveUp(): void {
        if (holdsLoop && !sent.records)
          diag.warn('the last spans and log records were not sent: the collector does not take them');
        finish();
      }
      function giveUpIfIdle(): void {
        if (requests.inFlight === 0) giveUp();
      }

      const records = Promise.all([forceFlush(registeredTracerProvider()), forceFlush(logs())]).then(() => {
        sent.records = true;
      });
      void Promise.all([records, forceFlush(metrics.getMeterProvider())]).then(() => {
        sent.all = true;
        // An export that was under way before is not a part of the flush, but of what is to be sent.
        after(0, finishIfIdle);
      });
      setImmediate(() => {
        // Over without having waited for an answer: there were no records in the queues.
        if (sent.records && !hadRecords) after(withoutRecordsMs, finish);
      });
    });
}

async function forceFlush(provider: unknown): Promise<void> {
  try {
    await (provider as { forceFlush?: () => Promise<void> } | undefined)?.forceFlush?.();
  } catch {
    // The SDK has reported it; there is nobody left here to act on it.
  }
}
