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

const SENDS = ['send', 'sendBatch'];
const CALLS = [...SENDS, 'commitOffsets', 'listTopics', 'deleteTopics', 'describeGroups'];

/** Wraps methods of a client, and of every transaction that it begins. */
function planted(name: string, methods: readonly string[], wrap: Wrap): Mutant {
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
function withArgument(
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
function withResult(name: string, change: (result: Promise<unknown>) => unknown): Mutant {
  return planted(name, CALLS, original => {
    return function (this: unknown, ...args: unknown[]) {
      const result = original.apply(this, args);
      return types.isPromise(result) ? change(result) : result;
    };
  });
}

/** A fault around the program's handlers. */
function withHandler(name: string, wrap: Wrap): Mutant {
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

const plain = (value: unknown): Methods | undefined =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? (value as Methods)
    : undefined;

/** Changes the messages of a plain request, in a copy of it. */
function eachMessage(
  request: unknown,
  change: (message: unknown, all: readonly unknown[]) => unknown,
): unknown {
  const messages = plain(request)?.['messages'];
  if (!Array.isArray(messages)) return request;
  const all = messages as unknown[];
  return { ...(request as Methods), messages: all.map(message => change(message, all)) };
}

const headersOf = (message: unknown): Methods | undefined => plain(plain(message)?.['headers']);
const withHeaders = (message: unknown, headers: object): unknown =>
  plain(message)?.['value'] === undefined ? message : { ...(message as Methods), headers };

/** No fault at all, planted like the others: what is caught of this one is caught wrongly. */
export const CONTROL: Mutant = withHandler('nothing', handler => {
  return function (this: unknown, ...args: unknown[]) {
    return handler.apply(this, args);
  };
});

export const MUTANTS: readonly Mutant[] = [
  withArgument('writes headers into the message of the program', SENDS, request => {
    const messages = plain(request)?.['messages'];
    const message = Array.isArray(messages) ? plain(messages[0]) : undefined;
    if (message && !Object.isFrozen(message) && plain(message['headers']))
      message['headers'] = { ...headersOf(message) };
    return request;
  }),
  withArgument('writes a property into the request', SENDS, request => {
    const given = plain(request);
    if (given && !Object.isFrozen(given)) given['seen'] = true;
    return request;
  }),
  withArgument('throws where kafkajs rejects', SENDS, request => {
    if ((request as { messages: readonly unknown[] }).messages.length < 0) return undefined;
    return request;
  }),
  withArgument('copies a class instance by spreading it', SENDS, request =>
    typeof request === 'object' && request !== null ? { ...request } : request,
  ),
  withArgument('adds headers to a message that kafkajs refuses', SENDS, request =>
    eachMessage(request, message =>
      plain(message) ? { ...(message as Methods), headers: { ...headersOf(message) } } : message,
    ),
  ),
  withArgument('shares one headers object among messages', SENDS, request =>
    eachMessage(request, (message, all) =>
      withHeaders(message, Object.assign({}, ...all.map(other => headersOf(other) ?? {})) as object),
    ),
  ),
  withArgument('writes a header of the program in another case', SENDS, request =>
    eachMessage(request, message => {
      const headers = headersOf(message);
      return headers
        ? withHeaders(
            message,
            Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
          )
        : message;
    }),
  ),
  withArgument('makes text of binary values', SENDS, request =>
    eachMessage(request, message => {
      const value = plain(message)?.['value'];
      return Buffer.isBuffer(value) ? { ...(message as Methods), value: `${value.toString()}…` } : message;
    }),
  ),
  withArgument('drops what it does not know of a request', ['send'], request => {
    const given = plain(request);
    return given && Array.isArray(given['messages'])
      ? { topic: given['topic'], messages: given['messages'] }
      : request;
  }),
  withResult('swallows a rejection', result => result.catch(() => undefined)),
  withResult('doubles a rejection', result => {
    void result.then(() => undefined);
    return result;
  }),
  withResult('wraps an error', result =>
    result.catch((error: unknown) => {
      throw new Error('wrapped', { cause: error });
    }),
  ),
  withResult('drops the result', result => result.then(() => undefined)),
  withResult('copies the result', result =>
    result.then(value =>
      Array.isArray(value)
        ? value.map((part: unknown) => (plain(part) ? { ...(part as Methods), seen: true } : part))
        : value,
    ),
  ),
  withResult('settles a microtask later than promised', async result => {
    for (let late = 0; late < 3; late++) await Promise.resolve();
    return result;
  }),
  planted('calls twice', SENDS, original => {
    return function (this: unknown, ...args: unknown[]) {
      (original.apply(this, args) as Promise<unknown>).catch(() => undefined);
      return original.apply(this, args);
    };
  }),
  planted('calls a turn later', CALLS, original => {
    return async function (this: unknown, ...args: unknown[]) {
      await Promise.resolve();
      return original.apply(this, args);
    };
  }),
  planted('swallows what a synchronous method throws', ['seek', 'pause'], original => {
    return function (this: unknown, ...args: unknown[]) {
      try {
        return original.apply(this, args);
      } catch {
        return undefined;
      }
    };
  }),
  planted('answers a synchronous method with a promise', ['seek', 'pause', 'isActive'], original => {
    return function (this: unknown, ...args: unknown[]) {
      return Promise.resolve(original.apply(this, args));
    };
  }),
  withHandler(
    'loses this in a handler',
    handler =>
      (...args) =>
        handler(...args),
  ),
  withHandler('has a TypeError of its own in a handler', handler => {
    return function (this: unknown, ...args: unknown[]) {
      const { message } = args[0] as { message: { headers: { id: { length: number } } } };
      if (message.headers.id.length < 0) return undefined;
      return handler.apply(this, args);
    };
  }),
  withHandler('calls a handler twice', handler => {
    return function (this: unknown, ...args: unknown[]) {
      handler.apply(this, args);
      return handler.apply(this, args);
    };
  }),
  withHandler('swallows what a handler throws', handler => {
    return async function (this: unknown, ...args: unknown[]) {
      try {
        return await handler.apply(this, args);
      } catch {
        return undefined;
      }
    };
  }),
  withHandler('makes an Error of whatever a handler throws', handler => {
    return async function (this: unknown, ...args: unknown[]) {
      try {
        return await handler.apply(this, args);
      } catch (error) {
        throw error instanceof Error ? error : new Error(String(error));
      }
    };
  }),
  withHandler('does not wait for a handler', handler => {
    return function (this: unknown, ...args: unknown[]) {
      const result = handler.apply(this, args);
      if (types.isPromise(result)) result.catch(() => undefined);
    };
  }),
  withHandler('gives a handler a copy of the batch', handler => {
    return function (this: unknown, payload: unknown, ...more: unknown[]) {
      const { batch } = payload as { batch?: object };
      return handler.call(this, batch ? { ...(payload as object), batch: { ...batch } } : payload, ...more);
    };
  }),
  withArgument('writes its handler into the config of the program', ['run'], config => {
    const given = plain(config);
    const original = given?.['eachMessage'];
    if (given && typeof original === 'function' && !Object.isFrozen(given))
      given['eachMessage'] = function (this: unknown, ...args: unknown[]): unknown {
        return Reflect.apply(original as Method, this, args);
      };
    return config;
  }),
];
