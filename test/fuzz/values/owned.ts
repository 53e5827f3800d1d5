/**
 * The objects that one run of a program has made. Both runs make theirs from the same recipe in the same order, so an
 * object has the same number in both: what comes back from kafkajs is compared by it, and that is identity.
 */
export class Owned {
  readonly #numbers = new WeakMap<object, number>();
  readonly #objects: object[] = [];
  readonly #named = new Map<string, unknown>();
  readonly #suffix: string;

  /** @param suffix - distinguishes the topics of one program from those of all others */
  constructor(suffix: string) {
    this.#suffix = suffix;
  }

  topic(role: string): string {
    return `${role}-${this.#suffix}`;
  }

  /** Registers an object of the program; a Proxy's target is registered by itself. */
  own<Made extends object>(made: Made): Made {
    if (!this.#numbers.has(made)) {
      this.#numbers.set(made, this.#objects.length);
      this.#objects.push(made);
    }
    return made;
  }

  numberOf(value: object): number | undefined {
    return this.#numbers.get(value);
  }

  /** The same object wherever it is asked for by the same name. */
  shared<Made>(name: string, make: () => Made): Made {
    if (!this.#named.has(name)) this.#named.set(name, make());
    return this.#named.get(name) as Made;
  }

  get objects(): readonly object[] {
    return this.#objects;
  }
}

/** How to make one value: generated once, built afresh for each run. */
export interface Recipe {
  /** Reads like the program that makes it. */
  readonly text: string;
  /** What the tables count it under. */
  readonly classes: readonly string[];
  readonly build: (owned: Owned) => unknown;
}

export function recipe(text: string, classes: readonly string[], build: (owned: Owned) => unknown): Recipe {
  return { text, classes, build };
}

/** A recipe whose object is one of the program's own. */
export function owning(text: string, classes: readonly string[], build: (owned: Owned) => object): Recipe {
  return { text, classes, build: owned => owned.own(build(owned)) };
}
