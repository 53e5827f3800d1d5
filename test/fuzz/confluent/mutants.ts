import { withArgument, withMethods, SENDS, type Method, type Methods, type Mutant } from '../mutant';
import { CALL_MUTANTS, HANDLER_FAULTS, eachMessage, plain } from '../mutants';

/**
 * Creates a mutant that wraps the handlers of the program. The new config has the same own properties, because the
 * library reads only these.
 */
function withHandler(name: string, wrap: (handler: Method) => Method): Mutant {
  return withArgument(name, ['run'], given => {
    if (typeof given !== 'object' || given === null) return given;
    try {
      const properties = Object.getOwnPropertyDescriptors(given) as Record<string, PropertyDescriptor>;
      for (const handler of ['eachMessage', 'eachBatch']) {
        const property = properties[handler];
        const value: unknown = property?.get ? property.get.call(given) : property?.value;
        if (property && typeof value === 'function')
          properties[handler] = { value: wrap(value as Method), enumerable: property.enumerable ?? false };
      }
      return Object.create(Object.getPrototypeOf(given) as object | null, properties) as object;
    } catch {
      // The config is a Proxy that throws.
      return given;
    }
  });
}

/** A mutant without a fault. If the test detects it, the test itself is wrong. */
export const CONTROL: Mutant = withHandler('nothing', handler => {
  return function (this: unknown, ...args: unknown[]) {
    return handler.apply(this, args);
  };
});

export const MUTANTS: readonly Mutant[] = [
  ...CALL_MUTANTS,
  ...HANDLER_FAULTS.map(([name, wrap]) => withHandler(name, wrap)),
  withHandler('passes a copy of the payload to a handler', handler => {
    return function (this: unknown, payload: unknown, ...more: unknown[]) {
      return handler.call(this, { ...(payload as object) }, ...more);
    };
  }),
  withArgument('sends a copy of each message', SENDS, request =>
    eachMessage(request, message => (plain(message) ? { ...(message as Methods) } : message)),
  ),
  withMethods('forgets what a method returns', ['pause', 'transaction'], original => {
    return function (this: unknown, ...args: unknown[]) {
      const result: unknown = original.apply(this, args);
      return result instanceof Promise ? result.then(() => undefined) : undefined;
    };
  }),
  withMethods('sends a batch by its own means', ['sendBatch'], original => {
    return function (this: unknown, ...args: unknown[]) {
      const entries = plain(args[0])?.['topicMessages'];
      if (!Array.isArray(entries) || entries.length === 0) return original.apply(this, args);
      const { send } = this as Readonly<Record<string, Method>>;
      return Promise.all(entries.map(entry => send?.call(this, entry))).then(results => results.flat());
    };
  }),
];

type Produce = [
  topic: unknown,
  partition: unknown,
  value: unknown,
  key: unknown,
  timestamp: unknown,
  opaque: unknown,
  headers: unknown,
];

/**
 * Creates a mutant that changes the arguments of the binding, so that the objects of the program do not show the fault.
 */
function withProduce(name: string, change: (args: Produce) => void): Mutant {
  return withMethods(name, ['connect'], original => {
    return function (this: unknown, ...args: unknown[]) {
      const result: unknown = original.apply(this, args);
      const internal = (this as { _getInternalClient?: () => Methods | null })._getInternalClient?.();
      const produce = internal?.['produce'] as Method | undefined;
      if (internal && produce)
        internal['produce'] = function (this: unknown, ...given: unknown[]): unknown {
          change(given as Produce);
          return produce.apply(this, given);
        };
      return result;
    };
  });
}

/** Faults that only the records on the broker show. */
export const BROKER_MUTANTS: readonly Mutant[] = [
  withProduce('drops a header of the program', args => {
    if (Array.isArray(args[6])) args[6] = args[6].slice(1);
  }),
  withProduce('alters a byte of a key', args => {
    if (typeof args[3] === 'string') args[3] = `${args[3]}.`;
  }),
  withProduce('drops the timestamp of a message', args => {
    args[4] = 0;
  }),
];
