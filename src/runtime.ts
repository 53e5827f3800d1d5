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

/** Operations read these fields at each call, because options and providers may change while clients exist. */
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
  /** Passes a log record to the SDK. Does nothing if the SDK has no logs. */
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

/** Creates the instruments again with this meter provider. */
type UseMeterProvider = (provider: MeterProvider) => void;

export class InstrumentationRuntime implements Runtime {
  isEnabled = false;
  /** May exist while metrics are switched off. So operations read the property `metrics`, which is then `undefined`. */
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
    // Without a metric reader, check for a new global provider at every call. Otherwise, check at most once per second.
    this.#meterProvider.followGlobal(this.recorder?.hasMetricReader === true ? undefined : 0);
    return this.recorder;
  }

  setMeterProvider(provider: MeterProvider): void {
    this.#meterProvider.set(provider);
  }

  followGlobalMeterProvider(): void {
    this.#meterProvider.followGlobal(0);
  }
}

// The same key as in @opentelemetry/core: two context keys with equal names are the same symbol. So this package does
// not need core as a dependency.
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * The active context, if the call must be instrumented. `undefined` if the instrumentation is disabled, tracing is
 * suppressed, or the context manager fails. The caller must then pass the call on unchanged.
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

/** True if an SDK or a propagator is registered. Also true if the check itself fails. */
export function isSdkRegistered(runtime: Runtime): boolean {
  try {
    return runtime.isSdkRegistered;
  } catch (error) {
    logFault(runtime, 'SDK detection', error);
    return true;
  }
}

/** The no-op provider that the API's global proxy uses while no SDK is registered. */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way to this provider until API 2
export const NOOP_TRACER_PROVIDER: TracerProvider = new ProxyTracerProvider().getDelegate();

/**
 * The global property where API 1.x keeps its registrations. It is missing before the first registration. Checking it
 * first makes a call without an SDK a third cheaper.
 */
const API_GLOBALS = Symbol.for('opentelemetry.js.api.1');

/**
 * Checks at every call whether an SDK is registered, because an SDK may be registered late. A check costs a few comparisons.
 */
class SdkDetector {
  #hasGlobals = false;
  #meters: { readonly provider: MeterProvider; readonly isReal: boolean } | undefined;

  /** The arguments are providers that were set on the instrumentation. They replace the global ones. */
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

/** False only for the API's proxy provider while no SDK is registered. */
function isRecording(provider: TracerProvider): boolean {
  const { getDelegate } = provider as { getDelegate?: () => unknown };
  return typeof getDelegate !== 'function' || getDelegate.call(provider) !== NOOP_TRACER_PROVIDER;
}

/** Minimum time between two checks for a changed global provider, in milliseconds. */
const CHECK_INTERVAL = 1000;

/**
 * Follows the global meter provider, unless the program has set a provider explicitly. A meter that is created before
 * an SDK is registered never records, so the meter must be created again later.
 */
class CurrentMeterProvider {
  #provider: MeterProvider | undefined;
  /** Time of the last check for a changed global provider. `Infinity` if the provider was set explicitly. */
  #checked = 0;

  constructor(private readonly use: (provider: MeterProvider) => void) {}

  get explicit(): MeterProvider | undefined {
    return this.#checked === Infinity ? this.#provider : undefined;
  }

  set(provider: MeterProvider): void {
    // `registerInstrumentations` passes the global provider by default, so the global provider does not count as
    // explicit.
    this.#change(provider, provider === metrics.getMeterProvider() ? Date.now() : Infinity);
  }

  /**
   * Switches to the global provider if it has changed.
   *
   * @param interval - milliseconds that must have passed since the last check
   */
  followGlobal(interval = CHECK_INTERVAL): void {
    if (this.#checked === Infinity) return;
    // With an interval of 0, skip the clock: reading it costs more than comparing the providers.
    if (interval > 0 && Math.abs(Date.now() - this.#checked) < interval) return;
    const provider = metrics.getMeterProvider();
    if (provider !== this.#provider) this.#change(provider, Date.now());
    else if (interval > 0) this.#checked = Date.now();
  }

  /** Stores the provider first. If `use` then throws, this faulty provider is not tried again. */
  #change(provider: MeterProvider, checked: number): void {
    this.#provider = provider;
    this.#checked = checked;
    this.use(provider);
  }
}
