import { metrics, type MeterProvider } from '@opentelemetry/api';

/** How often a changed global provider is looked for at most, in milliseconds. */
const CHECK_INTERVAL = 1000;

/**
 * Which meter provider is in use. Unlike a tracer, a meter that was taken before an SDK is registered stays a no-op for ever, so
 * whatever provider is global by now is gone over to; one that was set explicitly is not replaced.
 */
export class MeterProviderInUse {
  #provider: MeterProvider | undefined;
  /** When it was last compared with the global one, in milliseconds; never for one that was set explicitly. */
  #checked = 0;

  /** @param use - called with each provider before anything is measured with it */
  constructor(private readonly use: (provider: MeterProvider) => void) {}

  /** The provider that was set explicitly, if one was. */
  get chosen(): MeterProvider | undefined {
    return this.#checked === Infinity ? this.#provider : undefined;
  }

  /** Somebody hands over a provider. */
  set(provider: MeterProvider): void {
    // `registerInstrumentations` hands over whatever is global, be it still the no-op one: nobody has chosen that.
    this.#change(provider, provider === metrics.getMeterProvider() ? Date.now() : Infinity);
  }

  /**
   * Goes over to the global provider if that has changed.
   *
   * @param age - how long ago, in milliseconds, the last look must have been
   */
  follow(age = CHECK_INTERVAL): void {
    if (this.#checked === Infinity) return;
    // Where nothing is heard yet it is asked at every call, and the clock would cost more than the look.
    const now = age > 0 ? Date.now() : this.#checked;
    if (Math.abs(now - this.#checked) < age) return;
    const provider = metrics.getMeterProvider();
    if (provider === this.#provider) this.#checked = now;
    else this.#change(provider, Date.now());
  }

  /** A provider that fails is not asked again: its failure costs the metrics, nothing else. */
  #change(provider: MeterProvider, checked: number): void {
    this.#provider = provider;
    this.#checked = checked;
    this.use(provider);
  }
}
