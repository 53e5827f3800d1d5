import fc, { type Arbitrary } from 'fast-check';
import { owning, type OwnedObjects, type Recipe } from './owned';

export type Fields = readonly (readonly [string, Recipe])[];

/** Kinds of objects. Reading a property returns the same value for each kind. */
export const SHAPES = [
  'plain',
  'frozen',
  'null prototype',
  'class instance',
  'getters',
  'private fields',
  'inherited',
  'not enumerable',
  'Proxy',
  'with symbols',
] as const;

export type Shape = (typeof SHAPES)[number];

/** Creates an object of this kind with these properties. */
export function objectOf(shape: Shape, fields: Fields): Recipe {
  const text = `${shape === 'plain' ? '' : `${shape} `}{ ${fields.map(([name, { text: value }]) => `${name}: ${value}`).join(', ')} }`;
  return owning(text, [shape, ...fields.flatMap(([, { classes }]) => classes)], owned => {
    const built: Record<string, unknown> = {};
    for (const [name, part] of fields) define(built, name, part.build(owned));
    return shaped(shape, built, owned);
  });
}

/** An assignment to `__proto__` would change the prototype instead of defining a property. */
function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}

class Instance {
  static of(fields: object): Instance {
    return Object.defineProperties(new Instance(), Object.getOwnPropertyDescriptors(fields));
  }

  describe(): string {
    return Object.keys(this).join();
  }
}

function shaped(shape: Shape, fields: Record<string, unknown>, owned: OwnedObjects): object {
  switch (shape) {
    case 'plain':
      return fields;
    case 'frozen':
      return Object.freeze(fields);
    case 'null prototype':
      return Object.create(null, Object.getOwnPropertyDescriptors(fields)) as object;
    case 'class instance':
      return Instance.of(fields);
    case 'getters':
      return Object.defineProperties(
        {},
        getters(fields, () => undefined),
      );
    case 'private fields':
      return withPrivateFields(fields);
    case 'inherited':
      return Object.create(owned.own(fields)) as object;
    case 'not enumerable':
      return Object.defineProperties(
        {},
        Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [name, { value, configurable: true }]),
        ),
      );
    case 'Proxy':
      return new Proxy(owned.own(fields), {});
    case 'with symbols':
      return Object.assign(fields, { [Symbol.for('program')]: 1 });
  }
}

function getters(fields: Record<string, unknown>, check: (self: unknown) => void): PropertyDescriptorMap {
  return Object.fromEntries(
    Object.keys(fields).map(name => [
      name,
      {
        get(this: unknown) {
          check(this);
          return fields[name];
        },
        enumerable: true,
        configurable: true,
      },
    ]),
  );
}

/** Creates an object whose getters throw for any other `this`, like getters that use private `#fields`. */
function withPrivateFields(fields: Record<string, unknown>): object {
  const real = new WeakSet();
  const prototype = Object.defineProperties(
    {},
    getters(fields, self => {
      if (!real.has(self as object)) throw new TypeError('Cannot read private member from an object');
    }),
  );
  const made = Object.create(prototype) as object;
  real.add(made);
  return made;
}

/** Generates arrays, sets, maps and objects. */
export function containers(parts: Arbitrary<Recipe>): Arbitrary<Recipe> {
  const some = fc.array(parts, { maxLength: 3 });
  const listed = (recipes: readonly Recipe[]) => recipes.map(({ text }) => text).join(', ');
  const built = (recipes: readonly Recipe[], owned: OwnedObjects) => recipes.map(part => part.build(owned));
  return fc.oneof(
    some.map(list => owning(`[${listed(list)}]`, ['array'], owned => built(list, owned))),
    some.map(list =>
      owning(`[, ${listed(list)}]`, ['sparse array'], owned => {
        const sparse: unknown[] = [];
        sparse.length = 1;
        built(list, owned).forEach((part, index) => (sparse[index + 1] = part));
        return sparse;
      }),
    ),
    some.map(list =>
      owning(`new Set([${listed(list)}])`, ['Map or Set'], owned => new Set(built(list, owned))),
    ),
    some.map(list =>
      owning(
        `new Map(entries [${listed(list)}])`,
        ['Map or Set'],
        owned => new Map(built(list, owned).map(part => ['key', part])),
      ),
    ),
    fc
      .tuple(
        fc.constantFrom(...SHAPES),
        fc.array(fc.tuple(fc.constantFrom('a', 'topic', 'value', 'length'), parts), { maxLength: 3 }),
      )
      .map(([shape, fields]) => objectOf(shape, fields)),
  );
}

/** Generates objects with unusual behaviour. */
export function oddities(): Arbitrary<Recipe> {
  return fc.constantFrom(
    owning('() => 1', ['function'], () => () => 1),
    owning("new Error('mine')", ['Error'], () => new Error('mine')),
    owning('new Date(0)', ['Date'], () => new Date(0)),
    owning("Object('boxed')", ['boxed'], () => Object('boxed') as object),
    owning('Promise.resolve(1)', ['promise or thenable'], () => Promise.resolve(1)),
    owning('{ then: resolve => resolve(1) }', ['promise or thenable'], () => ({
      then(resolve: (value: number) => void) {
        resolve(1);
      },
    })),
    owning('{ get then() { throw } }', ['promise or thenable', 'throwing getter'], owned =>
      throwing(['then'], owned),
    ),
    owning('{ get topic, messages, value, key, headers() { throw } }', ['throwing getter'], owned =>
      throwing(
        ['topic', 'messages', 'topicMessages', 'value', 'key', 'headers', 'partition', 'length'],
        owned,
      ),
    ),
    owning('(function* () { yield 1 })()', ['iterator'], () => [1].values()),
    owning('{ [Symbol.iterator]: throws }', ['iterator'], owned => {
      const error = owned.own(new Error('iterated'));
      return {
        [Symbol.iterator]() {
          throw error;
        },
      };
    }),
    owning('a Proxy that throws', ['throwing Proxy'], owned => {
      const error = owned.own(new Error('trapped'));
      const fail = () => {
        throw error;
      };
      return new Proxy(
        {},
        { get: fail, has: fail, ownKeys: fail, getOwnPropertyDescriptor: fail, getPrototypeOf: fail },
      );
    }),
    owning(
      'a Proxy that has everything',
      ['Proxy'],
      owned =>
        new Proxy(owned.own({}), { get: (_, name) => (name === 'then' ? undefined : '1'), has: () => true }),
    ),
    owning('a cycle', ['cycle'], () => {
      const cycle: Record<string, unknown> = {};
      cycle['self'] = cycle;
      return cycle;
    }),
  );
}

/** Creates an object whose properties throw the same error at every read. */
function throwing(names: readonly string[], owned: OwnedObjects): object {
  const error = owned.own(new Error('read'));
  return Object.defineProperties(
    {},
    Object.fromEntries(
      names.map(name => [
        name,
        {
          get() {
            throw error;
          },
          enumerable: true,
          configurable: true,
        },
      ]),
    ),
  );
}
