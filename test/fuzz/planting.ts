import { types } from 'node:util';

/** A fault of an instrumentation, planted between a program and the instrumented clients that it holds. */
export interface Mutant {
  readonly name: string;
  /** Everything that a program calls; a mutant wraps those methods that it is about. */
  plant(client: Methods): void;
}

export type Method = (this: unknown, ...args: unknown[]) => unknown;
export type Methods = Record<string, unknown>;

type Wrap = (original: Method) => Method;

export const SENDS = ['send', 'sendBatch'];
export const CALLS = [...SENDS, 'commitOffsets', 'listTopics', 'deleteTopics', 'describeGroups'];

/** Wraps methods of a client, and of every transaction that it begins. */
export function planted(name: string, methods: readonly string[], wrap: Wrap): Mutant {
  const plant = (client: Methods): void => {
    for (const method of methods) {
      const original = client[method];
      if (typeof original === 'function') client[method] = wrap(original as Method);
    }
    const begin = client['transaction'];
    if (typeof begin !== 'function') return;
    client['transaction'] = function (this: unknown, ...args: unknown[]): unknown {
      const result: unknown = Reflect.apply(begin, this, args);
      // Ahead of the program's own listener, and on the same promise: planting itself must not show.
      if (types.isPromise(result))
        result.then(
          (transaction: unknown) => {
            if (typeof (transaction as Methods | undefined)?.['isActive'] === 'function')
              plant(transaction as Methods);
          },
          () => undefined,
        );
      return result;
    };
  };
  return { name, plant };
}

/** A fault in what is done with an argument. */
export function withArgument(
  name: string,
  methods: readonly string[],
  change: (argument: unknown) => unknown,
): Mutant {
  return planted(name, methods, original => {
    return function (this: unknown, ...args: unknown[]) {
      return original.apply(this, args.length === 0 ? args : [change(args[0]), ...args.slice(1)]);
    };
  });
}

/** A fault in what is done with a result. */
export function withResult(name: string, change: (result: Promise<unknown>) => unknown): Mutant {
  return planted(name, CALLS, original => {
    return function (this: unknown, ...args: unknown[]) {
      const result = original.apply(this, args);
      return types.isPromise(result) ? change(result) : result;
    };
  });
}

/** A fault around the program's handlers. */
export function withHandler(name: string, wrap: Wrap): Mutant {
  const config = (given: unknown): unknown => {
    if (typeof given !== 'object' || given === null) return given;
    // Over an object of its own: that of a frozen one could not answer with anything else.
    return new Proxy(
      {},
      {
        has: (_, property) => Reflect.has(given, property),
        get(_, property) {
          const found: unknown = Reflect.get(given, property, given);
          const isHandler = property === 'eachMessage' || property === 'eachBatch';
          return isHandler && typeof found === 'function' ? wrap(found as Method) : found;
        },
      },
    );
  };
  return withArgument(name, ['run'], config);
}
