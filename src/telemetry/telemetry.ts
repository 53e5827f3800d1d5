import { context, createContextKey, type Attributes, type Context, type Tracer } from '@opentelemetry/api';
import type { Settings } from '../config/settings';
import type { Metrics } from './metrics/metrics';
import type { InjectionPauses } from '../propagation/pause';

/**
 * What the rooms need of the instrumentation. Everything is read at the time of a call: options, providers and the switch
 * may change while clients live.
 */
export interface Telemetry {
  readonly enabled: boolean;
  /** Whether there is anybody to tell: false as long as no SDK and no propagator is registered. */
  readonly hasAudience: boolean;
  readonly tracer: Tracer;
  readonly settings: Settings;
  /** `undefined` where they are switched off. */
  readonly metrics: Metrics | undefined;
  readonly pauses: InjectionPauses;
  readonly log: Log;
  /** Hands a log record to the SDK's logs, if it has any. */
  emit(record: ExceptionRecord): void;
}

/** A log record, as far as one is made here; the logs API is a package of its own up to SDK 2.x and part of the API after. */
export interface ExceptionRecord {
  readonly eventName: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly attributes: Attributes;
  readonly context: Context;
}

/** Says each thing once, through the instrumentation's `diag` logger. */
export interface Log {
  /** Without a cause, the message is always said: the caller bounds how often. */
  warn(cause: string | undefined, message: string): void;
  /** A fault of ours or of a user's hook, which the program must not feel. */
  fault(where: string, error: unknown): void;
}

/** Runs a piece of ours. Whatever goes wrong in it is logged, never thrown into the program. */
export function attempt<Result>(
  telemetry: Pick<Telemetry, 'log'>,
  where: string,
  ours: () => Result,
): Result | undefined {
  try {
    return ours();
  } catch (error) {
    fault(telemetry, where, error);
    return undefined;
  }
}

/** Tells of something that went wrong in us; for the paths of every message, where `attempt` would cost a closure. */
export function fault(telemetry: Pick<Telemetry, 'log'>, where: string, error: unknown): void {
  try {
    telemetry.log.fault(where, error);
  } catch {
    // A logger that throws leaves nobody to tell.
  }
}

// The SDK's own key: `suppressTracing` of @opentelemetry/core sets it. Keys are registered symbols, so spelling it again
// spares a dependency; a test holds it against the real one.
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * Whether a call is none of ours: switched off, or tracing is suppressed in it. Where a broken context manager cannot tell, the
 * program's call goes through as it is.
 */
export function isOff(telemetry: Telemetry): boolean {
  return activeIn(telemetry) === undefined;
}

/** The context of a call that is ours, so that those who need it ask the context manager but once; `undefined` of any other. */
export function activeIn(telemetry: Telemetry): Context | undefined {
  if (!telemetry.enabled) return undefined;
  try {
    const active = context.active();
    return isSuppressed(active) ? undefined : active;
  } catch (error) {
    fault(telemetry, 'context', error);
    return undefined;
  }
}

/** Whether nobody would get what is told. Where that cannot be asked, somebody might. */
export function isUnheard(telemetry: Telemetry): boolean {
  try {
    return !telemetry.hasAudience;
  } catch (error) {
    fault(telemetry, 'audience', error);
    return false;
  }
}

export function isSuppressed(active: Context = context.active()): boolean {
  return active.getValue(SUPPRESSED) === true;
}
