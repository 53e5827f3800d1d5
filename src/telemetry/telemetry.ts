import { context, createContextKey, type Context, type Tracer } from '@opentelemetry/api';
import type { Settings } from '../config/settings';
import type { ExceptionRecord } from './failure';
import type { Metrics } from './metrics/metrics';
import type { InjectionPauses } from '../propagation/pause';

/**
 * What the rooms need of the instrumentation. Everything is read at the time of a call: options, providers and the switch
 * may change while clients live.
 */
export interface Telemetry {
  readonly enabled: boolean;
  readonly tracer: Tracer;
  readonly settings: Settings;
  /** `undefined` where they are switched off. */
  readonly metrics: Metrics | undefined;
  readonly pauses: InjectionPauses;
  readonly log: Log;
  /** Hands a log record to the SDK's logs, if it has any. */
  emit(record: ExceptionRecord): void;
}

/** Says each thing once, through the instrumentation's `diag` logger. */
export interface Log {
  warn(cause: string, message: string): void;
  /** A fault of ours or of a user's hook, which the program must not feel. */
  fault(where: string, error: unknown): void;
}

/** Where kafkajs knows them; absent is better than guessed. */
export interface ClientFacts {
  readonly group: string | undefined;
  clientId(): string | undefined;
  clusterId(): string | undefined;
  /** The broker that leads a partition. */
  leader(topic: string, partition: number): { readonly host: string; readonly port: number } | undefined;
}

/** Runs a piece of ours. Whatever goes wrong in it is logged, never thrown into the program. */
export function attempt<Result>(telemetry: Telemetry, where: string, ours: () => Result): Result | undefined {
  try {
    return ours();
  } catch (error) {
    try {
      telemetry.log.fault(where, error);
    } catch {
      // A logger that throws leaves nobody to tell.
    }
    return undefined;
  }
}

// The SDK's own key: `suppressTracing` of @opentelemetry/core sets it. Keys are registered symbols, so spelling it again
// spares a dependency; a test holds it against the real one.
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

export function isSuppressed(active: Context = context.active()): boolean {
  return active.getValue(SUPPRESSED) === true;
}
