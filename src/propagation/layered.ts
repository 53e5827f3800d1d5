import type { Context } from '@opentelemetry/api';

/** A look-up goes through every layer; so many are cheaper than a copy, and a program that piles up values must not slow down. */
const MAX_LAYERS = 12;

/**
 * A context that holds one value over another context. The API's own copies all values, and makes three functions, for each value
 * that is set; for every message that a propagator and a span set theirs, this was a good part of the whole cost.
 */
class LayeredContext implements Context {
  constructor(
    private readonly below: Context,
    private readonly key: symbol | undefined,
    private readonly value: unknown,
    private readonly depth: number,
  ) {}

  getValue(key: symbol): unknown {
    if (key === this.key) return this.value;
    let below = this.below;
    while (below instanceof LayeredContext) {
      if (key === below.key) return below.value;
      below = below.below;
    }
    return below.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.depth < MAX_LAYERS
      ? new LayeredContext(this, key, value, this.depth + 1)
      : this.#flattened().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.setValue(key, undefined);
  }

  #flattened(): Context {
    const below = this.below instanceof LayeredContext ? this.below.#flattened() : this.below;
    return this.key === undefined ? below : below.setValue(this.key, this.value);
  }
}

/** The same context, such that values which are set over it do not copy it. */
export function layered(context: Context): Context {
  return context instanceof LayeredContext ? context : new LayeredContext(context, undefined, undefined, 0);
}
