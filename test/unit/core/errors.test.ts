import { vocabularyOf } from '../../../src/semconv/vocabulary';
import { runInNewContext } from 'node:vm';
import { trace } from '@opentelemetry/api';
import * as kafkajs from 'kafkajs';
import { errorType, recordFailure } from '../../../src/core/errors';
import { useTracing } from './tracing';

const tracing = useTracing();

const protocol = (type: string) =>
  new kafkajs.KafkaJSProtocolError(Object.assign(new Error('m'), { type, code: 10 }));
const withCause = (error: Error, cause: unknown) => Object.assign(error, { cause });

/** A chain of kafkajs errors around an innermost one. */
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
      'one that retries wrap, too',
      new kafkajs.KafkaJSNumberOfRetriesExceeded(protocol('NOT_LEADER_FOR_PARTITION'), {
        retryCount: 5,
        retryTime: 1,
      }),
      'NOT_LEADER_FOR_PARTITION',
    ],
    [
      'and one that kafkajs 1.x wraps',
      { name: 'KafkaJSNumberOfRetriesExceeded', originalError: protocol('INVALID_RECORD') },
      'INVALID_RECORD',
    ],
    ['the outermost name counts', withCause(protocol('UNKNOWN'), protocol('INVALID_RECORD')), 'UNKNOWN'],
    [
      'a lost connection has its system code',
      new kafkajs.KafkaJSConnectionError('m', { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    [
      'one that retries wrap, too',
      new kafkajs.KafkaJSNumberOfRetriesExceeded(
        new kafkajs.KafkaJSConnectionError('m', { code: 'ENOTFOUND' }),
        { retryCount: 5, retryTime: 1 },
      ),
      'ENOTFOUND',
    ],
    [
      'a kafkajs error without either has its class',
      new kafkajs.KafkaJSRequestTimeoutError('m'),
      'KafkaJSRequestTimeoutError',
    ],
    [
      'a Kafka error counts before a code',
      withCause(Object.assign(new kafkajs.KafkaJSError('m'), { code: 'ECONNRESET' }), protocol('UNKNOWN')),
      'UNKNOWN',
    ],
    [
      'a numeric code is no system code',
      Object.assign(new kafkajs.KafkaJSError('m'), { code: 35 }),
      'KafkaJSError',
    ],
    [
      "the program's own type is not taken for Kafka's",
      { name: 'KafkaJSError', cause: { name: 'Error', type: 'CUSTOM' } },
      'KafkaJSError',
    ],
    [
      'a type that is no protocol name is not either',
      Object.assign(new kafkajs.KafkaJSError('m'), { type: 'order 17' }),
      'KafkaJSError',
    ],
    ['of a chain eight errors are looked at', chain(7, protocol('UNKNOWN')), 'UNKNOWN'],
    ['and no more', chain(8, protocol('UNKNOWN')), 'KafkaJSError'],
    ['an error that is its own cause has one all the same', selfCaused, 'KafkaJSError'],
    ['a system error has its code', Object.assign(new Error('m'), { code: 'EPIPE' }), 'EPIPE'],
    [
      "Node's own errors too",
      Object.assign(new TypeError('m'), { code: 'ERR_INVALID_ARG_TYPE' }),
      'ERR_INVALID_ARG_TYPE',
    ],
    ["a program's own code stays out", Object.assign(new OutOfStock(), { code: 'SKU-4711' }), 'OutOfStock'],
    [
      'so does one deeper down',
      withCause(new OutOfStock(), Object.assign(new Error('m'), { code: 'EPIPE' })),
      'OutOfStock',
    ],
    ['a built-in error has its class', new TypeError('m'), 'TypeError'],
    ['a class without a name of its own has that of its constructor', new OutOfStock(), 'OutOfStock'],
    ['a class that sets a name has that', new NamedError(), 'PaymentError'],
    ['a class without any name has that of its base', new (class extends Error {})(), 'Error'],
    [
      'a name that could be anything is not used',
      Object.assign(new OutOfStock(), { name: 'order 17 failed' }),
      'OutOfStock',
    ],
    ['a frozen error is like any other', Object.freeze(new OutOfStock()), 'OutOfStock'],
    ['an error of another realm too', runInNewContext('new RangeError("m")'), 'RangeError'],
    ['an object literal has none', { message: 'm' }, '_OTHER'],
    ['an object without prototype has none', Object.create(null), '_OTHER'],
    ['an error whose getters throw has none', thrower, '_OTHER'],
    ['a revoked Proxy has none', revoked.proxy, '_OTHER'],
    ['a string has none', 'out of stock', '_OTHER'],
    ['undefined has none', undefined, '_OTHER'],
    ['null has none', null, '_OTHER'],
    ['a symbol has none', Symbol('s'), '_OTHER'],
  ])('%s', (_what, thrown, expected) => {
    expect(errorType(thrown)).toBe(expected);
  });
});

/** What a span of a failure shows. */
function failed(thrown: unknown, captureMessages = true) {
  const span = trace.getTracer('test').startSpan('s');
  recordFailure(span, thrown, { captureErrorMessages: captureMessages, vocabulary: vocabularyOf('1.44') });
  span.end();
  const [{ attributes, status, events } = { attributes: {}, status: {}, events: [] }] = tracing.spans();
  return { attributes, status, events };
}

describe('a failure on a span', () => {
  test('is its type, an error status and an exception event', () => {
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

  test('tells no text of the error where that is not wanted', () => {
    expect(failed(new SyntaxError('Unexpected token in {"iban":"..."}'), false)).toEqual({
      attributes: { 'error.type': 'SyntaxError' },
      status: { code: 'ERROR' },
      events: [{ name: 'exception', attributes: { 'exception.type': 'SyntaxError' } }],
    });
  });

  test('names the class of a Kafka error beside its type', () => {
    expect(failed(protocol('MESSAGE_TOO_LARGE'))).toMatchObject({
      attributes: { 'error.type': 'MESSAGE_TOO_LARGE' },
      events: [{ attributes: { 'exception.type': 'KafkaJSProtocolError' } }],
    });
  });

  test.each<[string, unknown, string | undefined]>([
    ['a string', 'out of stock', 'out of stock'],
    ['undefined, which says nothing', undefined, undefined],
    ['null, which says nothing', null, undefined],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an object literal', { message: 'm' }, 'm'],
    ['an object whose message is no text', { message: 7 }, undefined],
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

  test('keeps what could be read before a getter threw', () => {
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
});
