import {
  ProxyTracerProvider,
  context,
  createContextKey,
  createNoopMeter,
  metrics,
  propagation,
  trace,
  type Attributes,
  type Context,
  type MeterProvider,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import type { Settings } from './config/settings';
import type { MetricsRecorder } from './metrics/recorder';
import { InjectionPauses } from './propagation/injection-pause';
import { logFault, type Log } from './support/guard';
import { PACKAGE_NAME, PACKAGE_VERSION } from './support/version';

/**
 * What an operation reads at the time of a call. Options, providers and the `enabled` switch may all change while clients
 * exist.
 */
export interface Runtime {
  readonly isEnabled: boolean;
  /** False until an SDK or a propagator is registered. Until then, a call creates no telemetry. */
  readonly isSdkRegistered: boolean;
  readonly tracer: Tracer;
  readonly settings: Settings;
  /** `undefined` when metrics are switched off. */
  readonly metrics: MetricsRecorder | undefined;
  readonly injectionPauses: InjectionPauses;
  readonly log: Log;
  /** Passes a log record to the SDK's logs. Does nothing if the SDK has none. */
  emitLogRecord(record: ExceptionRecord): void;
}

/** The log record of an exception. The logs API is a separate package up to SDK 2.x, so its types are not used here. */
export interface ExceptionRecord {
  readonly eventName: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly attributes: Attributes;
  readonly context: Context;
}

/** Creates the instruments of a meter provider that is newly in use. */
type UseMeterProvider = (provider: MeterProvider) => void;

/** The runtime of one instrumentation, which sets the fields when they change. */
export class InstrumentationRuntime implements Runtime {
  isEnabled = false;
  /** The metrics, even while they are switched off. Operations use `metrics` instead. */
  recorder: MetricsRecorder | undefined;
  /** The provider that was set on the instrumentation itself, if any. */
  tracerProvider: TracerProvider | undefined;
  readonly injectionPauses = new InjectionPauses();
  readonly #sdk = new SdkDetector();
  readonly #meterProvider: CurrentMeterProvider;

  constructor(
    public tracer: Tracer,
    public settings: Settings,
    readonly log: Log,
    readonly emitLogRecord: (record: ExceptionRecord) => void,
    useMeterProvider: UseMeterProvider,
  ) {
    this.#meterProvider = new CurrentMeterProvider(useMeterProvider);
  }

  get isSdkRegistered(): boolean {
    return this.#sdk.isRegistered(this.tracerProvider, this.#meterProvider.explicit);
  }

  get metrics(): MetricsRecorder | undefined {
    if (!this.settings.metrics) return undefined;
    // The first provider is used from the next call on. A provider that replaces another one is used within a second.
    this.#meterProvider.followGlobal(this.recorder?.hasMetricReader === true ? undefined : 0);
    return this.recorder;
  }

  setMeterProvider(provider: MeterProvider): void {
    this.#meterProvider.set(provider);
  }

  /** Uses a changed global meter provider immediately. */
  followGlobalMeterProvider(): void {
    this.#meterProvider.followGlobal(0);
  }
}

// `suppressTracing` of @opentelemetry/core sets this key. Context keys are registered symbols, so the name alone finds the
// key, and no dependency is needed. A test compares it with the real key.
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * The active context, for a call that must be instrumented. `undefined` if the instrumentation is disabled, if tracing is
 * suppressed, or if the context manager fails. The call is then passed on unchanged.
 */
export function contextOfCall(runtime: Runtime): Context | undefined {
  if (!runtime.isEnabled) return undefined;
  try {
    const active = context.active();
    return isSuppressed(active) ? undefined : active;
  } catch (error) {
    logFault(runtime, 'context', error);
    return undefined;
  }
}

export function isSuppressed(active: Context = context.active()): boolean {
  return active.getValue(SUPPRESSED) === true;
}

/** True if telemetry of a call can reach an SDK or a propagator. Also true if the check fails. */
export function isSdkRegistered(runtime: Runtime): boolean {
  try {
    return runtime.isSdkRegistered;
  } catch (error) {
    logFault(runtime, 'SDK detection', error);
    return true;
  }
}

/** The provider behind the global proxy while no SDK is registered. */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way to this provider until API 2
export const NOOP_TRACER_PROVIDER: TracerProvider = new ProxyTracerProvider().getDelegate();

/**
 * Where API 1.x keeps its globals. Absent until the first registration, so checking it first makes a call without an SDK a
 * third cheaper.
 */
const API_GLOBALS = Symbol.for('opentelemetry.js.api.1');

/**
 * Looks for an SDK at every call, so an SDK that is registered late is used from the next call on. This costs a few
 * comparisons.
 */
class SdkDetector {
  #hasGlobals = false;
  #meters: { readonly provider: MeterProvider; readonly isReal: boolean } | undefined;

  /** Providers that were set on the instrumentation are used instead of the global ones. */
  isRegistered(tracers?: TracerProvider, meters?: MeterProvider): boolean {
    this.#hasGlobals ||= API_GLOBALS in globalThis;
    if (!tracers && !meters && !this.#hasGlobals) return false;
    return (
      isRecording(tracers ?? trace.getTracerProvider()) ||
      this.#isMetering(meters ?? metrics.getMeterProvider()) ||
      propagation.fields().length > 0
    );
  }

  #isMetering(provider: MeterProvider): boolean {
    if (this.#meters?.provider !== provider) {
      const isReal = provider.getMeter(PACKAGE_NAME, PACKAGE_VERSION) !== createNoopMeter();
      this.#meters = { provider, isReal };
    }
    return this.#meters.isReal;
  }
}

/** A provider of an unknown kind is treated as one that records. */
function isRecording(provider: TracerProvider): boolean {
  const { getDelegate } = provider as { getDelegate?: () => unknown };
  return typeof getDelegate !== 'function' || getDelegate.call(provider) !== NOOP_TRACER_PROVIDER;
}

/** Minimum time between two checks for a changed global provider, in milliseconds. */
const CHECK_INTERVAL = 1000;

/**
 * The meter provider in use. A tracer that was created before an SDK is registered starts to record later, but a meter never
 * does. So if the global provider changes, the new one is used. A provider that was set explicitly is kept.
 */
class CurrentMeterProvider {
  #provider: MeterProvider | undefined;
  /** Time of the last check for a changed global provider. `Infinity` if the provider was set explicitly. */
  #checked = 0;

  /** @param use - called with each provider before anything is measured with it */
  constructor(private readonly use: (provider: MeterProvider) => void) {}

  /** The provider that was set explicitly, if any. */
  get explicit(): MeterProvider | undefined {
    return this.#checked === Infinity ? this.#provider : undefined;
  }

  set(provider: MeterProvider): void {
    // `registerInstrumentations` passes the global provider even if it is still the no-op one. That is not an explicit choice.
    this.#change(provider, provider === metrics.getMeterProvider() ? Date.now() : Infinity);
  }

  /**
   * Uses a changed global provider.
   *
   * @param interval - milliseconds that must have passed since the last check
   */
  followGlobal(interval = CHECK_INTERVAL): void {
    if (this.#checked === Infinity) return;
    // Reading the clock costs more than comparing the providers, so a check at every call does not read it.
    if (interval > 0 && Math.abs(Date.now() - this.#checked) < interval) return;
    const provider = metrics.getMeterProvider();
    if (provider !== this.#provider) this.#change(provider, Date.now());
    else if (interval > 0) this.#checked = Date.now();
  }

  /** A provider that throws is not tried again: its failure costs only the metrics. */
  #change(provider: MeterProvider, checked: number): void {
    this.#provider = provider;
    this.#checked = checked;
    this.use(provider);
  }
}
