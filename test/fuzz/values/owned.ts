/**
 * Numbers the objects that a program creates in one run. Both runs create their objects in the same order, so equal
 * numbers mean the same object. The test compares the numbers of returned objects.
 */
export class OwnedObjects {
  readonly #numbers = new WeakMap<object, number>();
  readonly #objects: object[] = [];
  #count = 0;
  readonly #named = new Map<string, unknown>();
  readonly #suffix: string;

  /** @param suffix - makes the topic names of this program unique */
  constructor(suffix: string) {
    this.#suffix = suffix;
  }

  topic(role: string): string {
    return `${role}-${this.#suffix}`;
  }

  /** Registers an object of the program. The target of a Proxy must be registered separately. */
  own<Made extends object>(made: Made): Made {
    if (!this.#numbers.has(made)) {
      this.identify(made);
      this.#objects.push(made);
    }
    return made;
  }

  /** Registers an object of the library. Its identity is compared, but not its content. */
  identify(made: object): void {
    this.#numbers.set(made, this.#count++);
  }

  numberOf(value: object): number | undefined {
    return this.#numbers.get(value);
  }

  /** Always returns the same object for the same name. */
  shared<Made>(name: string, make: () => Made): Made {
    if (!this.#named.has(name)) this.#named.set(name, make());
    return this.#named.get(name) as Made;
  }

  get objects(): readonly object[] {
    return this.#objects;
  }
}

/** Describes how to create a value. The description is generated once. Each run creates its own value from it. */
export interface Recipe {
  /** The value in a form that looks like JavaScript. */
  readonly text: string;
  /** Rows of the result table that count programs with this value. */
  readonly classes: readonly string[];
  readonly build: (owned: OwnedObjects) => unknown;
}

export function recipe(
  text: string,
  classes: readonly string[],
  build: (owned: OwnedObjects) => unknown,
): Recipe {
  return { text, classes, build };
}

/** Creates a recipe for an object that belongs to the program. */
export function owning(
  text: string,
  classes: readonly string[],
  build: (owned: OwnedObjects) => object,
): Recipe {
  return { text, classes, build: owned => owned.own(build(owned)) };
}
