// Without this directive, tsx compiles sloppy functions. In such functions, `this` of a detached call is the global
// object.
'use strict';

import { types } from 'node:util';

/**
 * A typical fault of an instrumentation. The fault is added between a program and its instrumented clients, to check
 * that the test finds it.
 */
export interface Mutant {
  readonly name: string;
  /** Adds the fault to the methods of a client. */
  applyTo(client: Methods): void;
}

export type Method = (this: unknown, ...args: unknown[]) => unknown;
export type Methods = Record<string, unknown>;

type Wrap = (original: Method) => Method;

export const SENDS = ['send', 'sendBatch'];
export const CALLS = [...SENDS, 'commitOffsets', 'listTopics', 'deleteTopics', 'describeGroups'];

/** Creates a mutant that wraps these methods of a client, and of every transaction that the client begins. */
export function withMethods(name: string, methods: readonly string[], wrap: Wrap): Mutant {
  const applyTo = (client: Methods): void => {
    for (const method of methods) {
      const original = client[method];
      if (typeof original === 'function') client[method] = wrap(original as Method);
    }
    const begin = client['transaction'];
    if (typeof begin !== 'function') return;
    client['transaction'] = function (this: unknown, ...args: unknown[]): unknown {
      const result: unknown = Reflect.apply(begin, this, args);
      // Run before the callbacks of the program and keep its promise, so that the wrapper itself makes no difference.
      if (types.isPromise(result))
        result.then(
          (transaction: unknown) => {
            // In Confluent's client, the transaction of a producer is the producer itself.
            if (
              transaction !== client &&
              typeof (transaction as Methods | undefined)?.['isActive'] === 'function'
            )
              applyTo(transaction as Methods);
          },
          () => undefined,
        );
      return result;
    };
  };
  return { name, applyTo };
}

/** Creates a mutant that changes the argument of these methods. */
export function withArgument(
  name: string,
  methods: readonly string[],
  change: (argument: unknown) => unknown,
): Mutant {
  return withMethods(name, methods, original => {
    return function (this: unknown, ...args: unknown[]) {
      return original.apply(this, args.length === 0 ? args : [change(args[0]), ...args.slice(1)]);
    };
  });
}

/** Creates a mutant that changes the promise that these methods return. */
export function withResult(name: string, change: (result: Promise<unknown>) => unknown): Mutant {
  return withMethods(name, CALLS, original => {
    return function (this: unknown, ...args: unknown[]) {
      const result = original.apply(this, args);
      return types.isPromise(result) ? change(result) : result;
    };
  });
}

/** Creates a mutant that wraps the handlers of the program. */
export function withHandler(name: string, wrap: Wrap): Mutant {
  const config = (given: unknown): unknown => {
    if (typeof given !== 'object' || given === null) return given;
    // Use a new object as the target: the Proxy of a frozen object must return the values of that object.
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
