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
 * What an operation reads at the time of a call. Everything may change while clients live: options, providers and the
 * `enabled` switch.
 */
export interface Runtime {
  readonly isEnabled: boolean;
  /** False until an SDK or a propagator is registered: until then a call makes no telemetry. */
  readonly isSdkRegistered: boolean;
  readonly tracer: Tracer;
  readonly settings: Settings;
  /** `undefined` when metrics are switched off. */
  readonly metrics: MetricsRecorder | undefined;
  readonly injectionPauses: InjectionPauses;
  readonly log: Log;
  /** Hands a log record to the SDK's logs. Does nothing if the SDK has none. */
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
  /** Metrics, whether switched on or not; `metrics` is for operations. */
  recorder: MetricsRecorder | undefined;
  /** The provider that was set explicitly on the instrumentation, if any. */
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
    // The first provider is adopted with the next call; one that replaces another, within a second.
    this.#meterProvider.followGlobal(this.recorder?.hasMetricReader === true ? undefined : 0);
    return this.recorder;
  }

  setMeterProvider(provider: MeterProvider): void {
    this.#meterProvider.set(provider);
  }

  /** Adopts a changed global meter provider at once. */
  followGlobalMeterProvider(): void {
    this.#meterProvider.followGlobal(0);
  }
}

// `suppressTracing` of @opentelemetry/core sets this key. Context keys are registered symbols, so the name is enough and
// saves a dependency; a test compares it with the real one.
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * The active context, for a call that is to be instrumented. `undefined` when the instrumentation is disabled, when tracing
 * is suppressed, or when the context manager fails: the call then goes through unchanged.
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

/** True when telemetry of a call can reach anyone. Assumes so if the check fails. */
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

/** Where API 1.x keeps its globals; absent until the first registration. Checking it first makes a call without SDK a third cheaper. */
const API_GLOBALS = Symbol.for('opentelemetry.js.api.1');

/** Detects an SDK at every call, so a late one is used from the next call on. Costs a few comparisons. */
class SdkDetector {
  #hasGlobals = false;
  #meters: { readonly provider: MeterProvider; readonly isReal: boolean } | undefined;

  /** Providers that were set on the instrumentation take the place of the global ones. */
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

/** An unknown kind of provider counts as one that records. */
function isRecording(provider: TracerProvider): boolean {
  const { getDelegate } = provider as { getDelegate?: () => unknown };
  return typeof getDelegate !== 'function' || getDelegate.call(provider) !== NOOP_TRACER_PROVIDER;
}

/** Minimum time between two checks for a changed global provider, in milliseconds. */
const CHECK_INTERVAL = 1000;

/**
 * The meter provider in use. Unlike a tracer, a meter taken before an SDK is registered never starts to record, so
 * a changed global provider is adopted. One that was set explicitly is kept.
 */
class CurrentMeterProvider {
  #provider: MeterProvider | undefined;
  /** Time of the last comparison with the global provider. `Infinity` if the provider was set explicitly. */
  #checked = 0;

  /** @param use - called with each provider before anything is measured with it */
  constructor(private readonly use: (provider: MeterProvider) => void) {}

  /** The provider that was set explicitly, if any. */
  get explicit(): MeterProvider | undefined {
    return this.#checked === Infinity ? this.#provider : undefined;
  }

  set(provider: MeterProvider): void {
    // `registerInstrumentations` passes the global provider even if it is still the no-op one. That is no explicit choice.
    this.#change(provider, provider === metrics.getMeterProvider() ? Date.now() : Infinity);
  }

  /**
   * Adopts a changed global provider.
   *
   * @param interval - milliseconds that must have passed since the last check
   */
  followGlobal(interval = CHECK_INTERVAL): void {
    if (this.#checked === Infinity) return;
    // Reading the clock costs more than the comparison, so a check at every call skips it.
    if (interval > 0 && Math.abs(Date.now() - this.#checked) < interval) return;
    const provider = metrics.getMeterProvider();
    if (provider !== this.#provider) this.#change(provider, Date.now());
    else if (interval > 0) this.#checked = Date.now();
  }

  /** A provider that throws is not tried again: its failure costs the metrics, nothing else. */
  #change(provider: MeterProvider, checked: number): void {
    this.#provider = provider;
    this.#checked = checked;
    this.use(provider);
  }
}
