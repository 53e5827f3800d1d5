import type { Attributes } from '@opentelemetry/api';
import type { Facts } from '../../semconv/vocabulary';

/** Attribute objects remembered, so that they are made once per series and not once per record. */
const MAX_REMEMBERED = 4000;

/** The attributes of series that are not those of a topic and its group alone: failures, requests. */
export class RememberedAttributes {
  readonly #known = new Map<string, Attributes>();

  constructor(private readonly describe: (facts: Facts) => Attributes) {}

  of(facts: Facts): Attributes {
    const key = keyOf(facts);
    const known = this.#known.get(key);
    if (known) return known;
    const made = this.describe(facts);
    if (this.#known.size < MAX_REMEMBERED) this.#known.set(key, made);
    return made;
  }
}

/** What tells one series of an instrument from the next. */
export const keyOf = (facts: Facts): string => Object.values(facts).join('\n');
