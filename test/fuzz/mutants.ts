import { types } from 'node:util';
import {
  SENDS,
  CALLS,
  withMethods,
  withArgument,
  withHandler,
  withResult,
  type Method,
  type Methods,
  type Mutant,
} from './mutant';

export const plain = (value: unknown): Methods | undefined =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? (value as Methods)
    : undefined;

/** Copies a plain request and changes the copies of its messages. */
export function eachMessage(
  request: unknown,
  change: (message: unknown, all: readonly unknown[]) => unknown,
): unknown {
  const messages = plain(request)?.['messages'];
  if (!Array.isArray(messages)) return request;
  const all = messages as unknown[];
  return { ...(request as Methods), messages: all.map(message => change(message, all)) };
}

export const headersOf = (message: unknown): Methods | undefined => plain(plain(message)?.['headers']);
export const withHeaders = (message: unknown, headers: object): unknown =>
  plain(message)?.['value'] === undefined ? message : { ...(message as Methods), headers };

/** A mutant without a fault. If the test detects it, the test itself is wrong. */
export const CONTROL: Mutant = withHandler('nothing', handler => {
  return function (this: unknown, ...args: unknown[]) {
    return handler.apply(this, args);
  };
});

/** Faults of calls, for every client library. */
export const CALL_MUTANTS: readonly Mutant[] = [
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
  withArgument('changes the letter case of a header', SENDS, request =>
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
  withArgument('converts binary values to text', SENDS, request =>
    eachMessage(request, message => {
      const value = plain(message)?.['value'];
      return Buffer.isBuffer(value) ? { ...(message as Methods), value: `${value.toString()}…` } : message;
    }),
  ),
  withArgument('drops unknown properties of a request', ['send'], request => {
    const given = plain(request);
    return given && Array.isArray(given['messages'])
      ? { topic: given['topic'], messages: given['messages'] }
      : request;
  }),
  withResult('swallows a rejection', result => result.catch(() => undefined)),
  withResult('causes an additional unhandled rejection', result => {
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
  withResult('never settles a result', () => new Promise(() => undefined)),
  withMethods('calls a method twice', SENDS, original => {
    return function (this: unknown, ...args: unknown[]) {
      (original.apply(this, args) as Promise<unknown>).catch(() => undefined);
      return original.apply(this, args);
    };
  }),
  withMethods('calls a method a microtask later', CALLS, original => {
    return async function (this: unknown, ...args: unknown[]) {
      await Promise.resolve();
      return original.apply(this, args);
    };
  }),
  withMethods('swallows the error of a synchronous method', ['seek', 'pause'], original => {
    return function (this: unknown, ...args: unknown[]) {
      try {
        return original.apply(this, args);
      } catch {
        return undefined;
      }
    };
  }),
  withMethods('returns a promise from a synchronous method', ['seek', 'pause', 'isActive'], original => {
    return function (this: unknown, ...args: unknown[]) {
      return Promise.resolve(original.apply(this, args));
    };
  }),
];

/** Faults of handlers, for every client library. */
export const HANDLER_FAULTS: readonly (readonly [name: string, wrap: (handler: Method) => Method])[] = [
  [
    'calls a handler without this',
    handler =>
      (...args) =>
        handler(...args),
  ],
  [
    'throws its own TypeError in a handler',
    handler => {
      return function (this: unknown, ...args: unknown[]) {
        const { message } = args[0] as { message: { headers: { id: { length: number } } } };
        if (message.headers.id.length < 0) return undefined;
        return handler.apply(this, args);
      };
    },
  ],
  [
    'calls a handler twice',
    handler => {
      return function (this: unknown, ...args: unknown[]) {
        handler.apply(this, args);
        return handler.apply(this, args);
      };
    },
  ],
  [
    'swallows the error of a handler',
    handler => {
      return async function (this: unknown, ...args: unknown[]) {
        try {
          return await handler.apply(this, args);
        } catch {
          return undefined;
        }
      };
    },
  ],
  [
    'converts every value that a handler throws to an Error',
    handler => {
      return async function (this: unknown, ...args: unknown[]) {
        try {
          return await handler.apply(this, args);
        } catch (error) {
          throw error instanceof Error ? error : new Error(String(error));
        }
      };
    },
  ],
  [
    'does not wait for a handler',
    handler => {
      return function (this: unknown, ...args: unknown[]) {
        const result = handler.apply(this, args);
        if (types.isPromise(result)) result.catch(() => undefined);
      };
    },
  ],
];

export const MUTANTS: readonly Mutant[] = [
  ...CALL_MUTANTS,
  withResult('settles a microtask later than allowed', async result => {
    for (let late = 0; late < 3; late++) await Promise.resolve();
    return result;
  }),
  ...HANDLER_FAULTS.map(([name, wrap]) => withHandler(name, wrap)),
  withHandler('never settles the promise of a handler', handler => {
    return function (this: unknown, ...args: unknown[]) {
      const result = handler.apply(this, args);
      return types.isPromise(result) ? new Promise(() => undefined) : result;
    };
  }),
  withHandler('passes a copy of the batch to a handler', handler => {
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
