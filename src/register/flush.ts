import { diag, metrics } from '@opentelemetry/api';
import type { ExportRequests } from './export-requests';
import { describe } from './logging';
import { registeredTracerProvider } from './providers';
import { withUnrefTimers } from './unref-timers';

export interface FlushLimits {
  /** The longest it may take, in milliseconds. */
  readonly withinMs: number;
  /** Whether the process is kept alive for it; never longer than it may take. */
  readonly holdsLoop: boolean;
  /** The same for a process that never had a span or a log record to send, only what instruments observe by themselves. */
  readonly withoutRecordsMs?: number;
  /** Whether a failed export is worth the wait for its retry, a second and more. */
  readonly awaitRetries: boolean;
  /** Send nothing, not even metrics, unless a span or a log record is waiting. */
  readonly onlyWithRecords?: boolean;
}

/** Sends what is recorded so far, and settles when that is done or given up. Never rejects. */
export type Flush = (limits: FlushLimits) => Promise<void>;

/** Time for the exports of the other signals to start before a failed one counts as the last word. */
const STRAGGLER_MS = 50;

/** The spans or the log records of one flush. */
interface Sending {
  readonly name: string;
  /** Where the URL of their requests ends. */
  readonly path: string;
  readonly provider: unknown;
  isSent?: boolean;
  problem?: string;
}

/** `logs` gives the logger provider; it is not in the API of every OpenTelemetry line. */
export function createFlush(requests: ExportRequests, logs: () => unknown): Flush {
  let hasComplained = false;

  function complain(sendings: readonly Sending[]): void {
    const [first, ...others] = sendings.filter(
      ({ isSent, path }) => !isSent || requests.problemAt(path) !== undefined,
    );
    if (first === undefined || hasComplained) return;
    hasComplained = true;
    const names = [first, ...others].map(({ name }) => name).join(' and ');
    const problem =
      requests.problemAt(first.path) ?? first.problem ?? 'the collector does not take them in time';
    diag.warn(`the last ${names} were not sent: ${problem}`);
  }

  return ({ withinMs, holdsLoop, withoutRecordsMs = withinMs, awaitRetries, onlyWithRecords = false }) =>
    new Promise(resolve => {
      const hadRecords = requests.started > 0;
      const done = { records: false, all: false };
      const sendings: readonly Sending[] = [
        { name: 'spans', path: '/v1/traces', provider: registeredTracerProvider() },
        { name: 'log records', path: '/v1/logs', provider: logs() },
      ];
      // Only these hold the event loop: the exporters' sockets and timers do not.
      const timers: NodeJS.Timeout[] = [];
      const after = (ms: number, act: () => void) => {
        const timer = setTimeout(act, ms);
        timers.push(holdsLoop ? timer.ref() : timer.unref());
      };
      after(withinMs, finish);
      const stopWatching = requests.onIdle(() => {
        if (done.all) finish();
        else if (requests.failing && !awaitRetries) after(STRAGGLER_MS, finishIfIdle);
      });

      function finish(): void {
        for (const timer of timers) clearTimeout(timer);
        stopWatching();
        if (holdsLoop) complain(sendings);
        resolve();
      }
      function finishIfIdle(): void {
        if (requests.inFlight === 0) finish();
      }
      async function sendAll(records: Promise<unknown>): Promise<void> {
        await Promise.all([records, forceFlush(metrics.getMeterProvider())]);
        done.all = true;
        // An export that was under way before is not a part of the flush, but of what is to be sent.
        after(0, finishIfIdle);
      }

      withUnrefTimers(() => {
        const records = Promise.all(sendings.map(send)).then(() => {
          done.records = true;
        });
        if (!onlyWithRecords) void sendAll(records);
        setImmediate(() => {
          // Over without having waited for an answer: there were no records in the queues.
          const hasRecords = !done.records;
          if (onlyWithRecords && hasRecords) void sendAll(records);
          else if (onlyWithRecords) finish();
          else if (!hasRecords && !hadRecords) after(withoutRecordsMs, finish);
        });
      });
    });
}

async function send(sending: Sending): Promise<void> {
  try {
    await (sending.provider as Flushable | undefined)?.forceFlush?.();
    sending.isSent = true;
  } catch (reason) {
    // A tracer provider gives a list of reasons.
    sending.problem = describe(Array.isArray(reason) ? reason[0] : reason);
  }
}

interface Flushable {
  forceFlush?: () => Promise<void>;
}

async function forceFlush(provider: unknown): Promise<void> {
  try {
    await (provider as Flushable | undefined)?.forceFlush?.();
  } catch {
    // The SDK has reported it; there is nobody left here to act on it.
  }
}
