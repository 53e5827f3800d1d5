import { runInNewContext } from 'node:vm';
import { trace } from '@opentelemetry/api';
import * as kafkajs from 'kafkajs';
import { kafkaJsErrors } from '../../../src/clients/kafkajs/client';
import { errorType, failSpan } from '../../../src/core/errors';
import type { ExceptionRecord, Runtime } from '../../../src/runtime';
import { useTracing } from './tracing';

const tracing = useTracing();

const protocol = (type: string) =>
  new kafkajs.KafkaJSProtocolError(Object.assign(new Error('m'), { type, code: 10 }));
const withCause = (error: Error, cause: unknown) => Object.assign(error, { cause });

/** Creates a chain of kafkajs errors around an innermost error. */
function chain(length: number, innermost: unknown): unknown {
  let error = innermost;
  for (let depth = 0; depth < length; depth++) error = { name: 'KafkaJSError', message: 'm', cause: error };
  return error;
}

class OutOfStock extends Error {}
class NamedError extends Error {
  override name = 'PaymentError';
}
const selfCaused = Object.assign(new Error('m'), { name: 'KafkaJSError' });
selfCaused.cause = selfCaused;
const thrower = {
  get name(): string {
    throw new Error('getter');
  },
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();

describe('the type of an error', () => {
  test.each<[string, unknown, string]>([
    ["a Kafka error has the protocol's name", protocol('MESSAGE_TOO_LARGE'), 'MESSAGE_TOO_LARGE'],
    [
      "a wrapped Kafka error has the protocol's name",
      new kafkajs.KafkaJSNumberOfRetriesExceeded(protocol('NOT_LEADER_FOR_PARTITION'), {
        retryCount: 5,
        retryTime: 1,
      }),
      'NOT_LEADER_FOR_PARTITION',
    ],
    [
      "a Kafka error that kafkajs 1.x wraps has the protocol's name",
      { name: 'KafkaJSNumberOfRetriesExceeded', originalError: protocol('INVALID_RECORD') },
      'INVALID_RECORD',
    ],
    [
      'an error with several protocol names in its chain has the outermost',
      withCause(protocol('UNKNOWN'), protocol('INVALID_RECORD')),
      'UNKNOWN',
    ],
    [
      'a lost connection has its system code',
      new kafkajs.KafkaJSConnectionError('m', { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    [
      'a wrapped lost connection has its system code',
      new kafkajs.KafkaJSNumberOfRetriesExceeded(
        new kafkajs.KafkaJSConnectionError('m', { code: 'ENOTFOUND' }),
        { retryCount: 5, retryTime: 1 },
      ),
      'ENOTFOUND',
    ],
    [
      'a kafkajs error without protocol name and system code has its class',
      new kafkajs.KafkaJSRequestTimeoutError('m'),
      'KafkaJSRequestTimeoutError',
    ],
    [
      'a protocol name counts before a system code',
      withCause(Object.assign(new kafkajs.KafkaJSError('m'), { code: 'ECONNRESET' }), protocol('UNKNOWN')),
      'UNKNOWN',
    ],
    [
      'a numeric code is not a system code',
      Object.assign(new kafkajs.KafkaJSError('m'), { code: 35 }),
      'KafkaJSError',
    ],
    [
      "a `type` of the program's own error is not a protocol name",
      { name: 'KafkaJSError', cause: { name: 'Error', type: 'CUSTOM' } },
      'KafkaJSError',
    ],
    [
      'a `type` that does not look like a protocol name is not used',
      Object.assign(new kafkajs.KafkaJSError('m'), { type: 'order 17' }),
      'KafkaJSError',
    ],
    ['eight errors of a chain are read', chain(7, protocol('UNKNOWN')), 'UNKNOWN'],
    ['a ninth error of a chain is not read', chain(8, protocol('UNKNOWN')), 'KafkaJSError'],
    ['an error that is its own cause has its class', selfCaused, 'KafkaJSError'],
    ['a system error has its code', Object.assign(new Error('m'), { code: 'EPIPE' }), 'EPIPE'],
    [
      "Node.js's own errors have their code",
      Object.assign(new TypeError('m'), { code: 'ERR_INVALID_ARG_TYPE' }),
      'ERR_INVALID_ARG_TYPE',
    ],
    ["a program's own code is not used", Object.assign(new OutOfStock(), { code: 'SKU-4711' }), 'OutOfStock'],
    [
      'a system code of its cause is not used either',
      withCause(new OutOfStock(), Object.assign(new Error('m'), { code: 'EPIPE' })),
      'OutOfStock',
    ],
    ['a built-in error has its class', new TypeError('m'), 'TypeError'],
    ['a class without a name of its own has that of its constructor', new OutOfStock(), 'OutOfStock'],
    ['a class that sets a name has that name', new NamedError(), 'PaymentError'],
    ['an anonymous class has the name of its base', new (class extends Error {})(), 'Error'],
    [
      'a name that is not a class name is not used',
      Object.assign(new OutOfStock(), { name: 'order 17 failed' }),
      'OutOfStock',
    ],
    ['a frozen error has its class', Object.freeze(new OutOfStock()), 'OutOfStock'],
    ['an error of another realm has its class', runInNewContext('new RangeError("m")'), 'RangeError'],
    ['an object literal has none', { message: 'm' }, '_OTHER'],
    ['an object without prototype has none', Object.create(null), '_OTHER'],
    ['an error whose getters throw has none', thrower, '_OTHER'],
    ['a revoked Proxy has none', revoked.proxy, '_OTHER'],
    ['a string has none', 'out of stock', '_OTHER'],
    ['undefined has none', undefined, '_OTHER'],
    ['null has none', null, '_OTHER'],
    ['a symbol has none', Symbol('s'), '_OTHER'],
  ])('%s', (_what, thrown, expected) => {
    expect(errorType(thrown, kafkaJsErrors)).toBe(expected);
  });
});

/** Returns a span that failed with this value. */
function failed(
  thrown: unknown,
  {
    captureErrorMessages = true,
    overrides,
  }: { captureErrorMessages?: boolean; overrides?: Partial<Runtime> } = {},
) {
  const runtime = tracing.runtime({ captureErrorMessages }, overrides);
  const span = trace.getTracer('test').startSpan('s');
  failSpan(runtime, span, undefined, thrown, kafkaJsErrors);
  span.end();
  const [{ attributes, status, events } = { attributes: {}, status: {}, events: [] }] = tracing.spans();
  return { attributes, status, events };
}

describe('a failure on a span', () => {
  test('sets its type and an error status, and adds an exception event', () => {
    const error = new OutOfStock('none left');
    expect(failed(error)).toEqual({
      attributes: { 'error.type': 'OutOfStock' },
      status: { code: 'ERROR', message: 'none left' },
      events: [
        {
          name: 'exception',
          attributes: {
            'exception.type': 'OutOfStock',
            'exception.message': 'none left',
            'exception.stacktrace': error.stack,
          },
        },
      ],
    });
  });

  test('has no text of the error with `captureErrorMessages: false`', () => {
    expect(
      failed(new SyntaxError('Unexpected token in {"iban":"..."}'), { captureErrorMessages: false }),
    ).toEqual({
      attributes: { 'error.type': 'SyntaxError' },
      status: { code: 'ERROR' },
      events: [{ name: 'exception', attributes: { 'exception.type': 'SyntaxError' } }],
    });
  });

  test('has the class of a Kafka error beside its protocol name', () => {
    expect(failed(protocol('MESSAGE_TOO_LARGE'))).toMatchObject({
      attributes: { 'error.type': 'MESSAGE_TOO_LARGE' },
      events: [{ attributes: { 'exception.type': 'KafkaJSProtocolError' } }],
    });
  });

  test.each<[string, unknown, string | undefined]>([
    ['a string', 'out of stock', 'out of stock'],
    ['undefined, which has no message', undefined, undefined],
    ['null, which has no message', null, undefined],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an object literal', { message: 'm' }, 'm'],
    ['an object whose message is not a string', { message: 7 }, undefined],
    ['an object without prototype', Object.create(null), undefined],
    ['an error whose getters throw', thrower, undefined],
    ['a revoked Proxy', revoked.proxy, undefined],
  ])('is recorded for %s', (_what, thrown, message) => {
    expect(failed(thrown)).toEqual({
      attributes: { 'error.type': '_OTHER' },
      status: message === undefined ? { code: 'ERROR' } : { code: 'ERROR', message },
      events: [
        {
          name: 'exception',
          attributes: {
            'exception.type': '_OTHER',
            ...(message !== undefined && { 'exception.message': message }),
          },
        },
      ],
    });
  });

  test('keeps what was read before a getter threw an error', () => {
    const error = Object.defineProperty(new OutOfStock('none left'), 'stack', {
      get() {
        throw new Error('getter');
      },
    });
    expect(failed(error)).toMatchObject({
      status: { message: 'none left' },
      events: [{ attributes: { 'exception.type': 'OutOfStock', 'exception.message': 'none left' } }],
    });
  });

  test.each([
    ['log', 0, 1],
    ['both', 1, 1],
    ['event', 1, 0],
  ] as const)('goes to span events and log records as `exceptionSignal: %s` says', (signal, events, logs) => {
    const emitted: ExceptionRecord[] = [];
    const { settings } = tracing.runtime();
    const overrides: Partial<Runtime> = {
      settings: { ...settings, exceptionSignal: signal },
      emitLogRecord: record => void emitted.push(record),
    };
    const span = failed(new OutOfStock('none left'), { overrides });
    expect(span.events).toHaveLength(events);
    expect(emitted).toHaveLength(logs);
    for (const record of emitted)
      expect(record).toMatchObject({
        severityText: 'WARN',
        attributes: { 'exception.type': 'OutOfStock', 'exception.message': 'none left' },
      });
    expect(span.status).toEqual({ code: 'ERROR', message: 'none left' });
  });
});
