import { metrics, type MeterProvider } from '@opentelemetry/api';

/** Minimum time between two checks for a changed global provider, in milliseconds. */
const CHECK_INTERVAL = 1000;

/**
 * The meter provider in use. Unlike a tracer, a meter taken before an SDK is registered stays a no-op for ever, so a changed
 * global provider is adopted. One that was set explicitly is kept.
 */
export class CurrentMeterProvider {
  #provider: MeterProvider | undefined;
  /** Time of the last comparison with the global provider; `Infinity` for one that was set explicitly. */
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
