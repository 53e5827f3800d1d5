import {
  ProxyTracerProvider,
  createNoopMeter,
  metrics,
  propagation,
  trace,
  type MeterProvider,
  type TracerProvider,
} from '@opentelemetry/api';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version';

/** What a proxy stands for as long as no SDK is registered. */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- until API 2 it is what the global provider is, and the only way to this one
export const NOBODY: TracerProvider = new ProxyTracerProvider().getDelegate();

/**
 * Where every copy of the API's first major version keeps what is registered with it; absent until the first registration. They could
 * not see each other by another name, so it stays; looking here first makes a call that nobody listens to a third cheaper.
 */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

/**
 * Whether there is anybody to tell anything: an SDK for traces or metrics, or a propagator. It is asked at every call, so an SDK
 * that comes late is noticed with the next one; a few comparisons, where preparing a span for nobody costs a microsecond.
 */
export class Audience {
  #isRegistered = false;
  #meters: { readonly of: MeterProvider; readonly isThere: boolean } | undefined;

  /** The providers are those that the instrumentation was handed, where it was; otherwise the global ones count. */
  isThere(tracers?: TracerProvider, meters?: MeterProvider): boolean {
    // It stays once it is there, and looking up a global is slow enough to do it once.
    this.#isRegistered ||= REGISTERED in globalThis;
    if (!tracers && !meters && !this.#isRegistered) return false;
    return (
      isRecording(tracers ?? trace.getTracerProvider()) ||
      this.#isMetering(meters ?? metrics.getMeterProvider()) ||
      propagation.fields().length > 0
    );
  }

  #isMetering(provider: MeterProvider): boolean {
    if (this.#meters?.of !== provider) {
      const isThere = provider.getMeter(PACKAGE_NAME, PACKAGE_VERSION) !== createNoopMeter();
      this.#meters = { of: provider, isThere };
    }
    return this.#meters.isThere;
  }
}

/** A provider of which nothing is known counts as somebody. */
function isRecording(provider: TracerProvider): boolean {
  const { getDelegate } = provider as { getDelegate?: () => unknown };
  return typeof getDelegate !== 'function' || getDelegate.call(provider) !== NOBODY;
}
