import { INVALID_SPAN_CONTEXT, trace, type Span } from '@opentelemetry/api';
import { kafkaJsMessages } from '../../../src/clients/kafkajs/client';
import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import { commonPartition, messageFacts, runHook, textValue } from '../../../src/core/span';
import { send } from './sending';
import { useTracing } from './tracing';

const tracing = useTracing();

describe('a hook', () => {
  const info = { topic: 'orders' };
  const run = (
    hook: ((span: Span, given: typeof info) => unknown) | undefined,
    span = trace.getTracer('test').startSpan('s'),
  ) => {
    runHook(tracing.runtime(), 'producerHook', hook, span, () => info);
    return span;
  };

  test('gets the span and its info, once', () => {
    const hook = jest.fn();
    const span = run(hook);
    expect(hook.mock.calls).toEqual([[span, info]]);
  });

  test('is not called for a span that is not recorded, and its info is only made when needed', () => {
    const hook = jest.fn();
    const makeInfo = jest.fn(() => info);
    runHook(tracing.runtime(), 'producerHook', undefined, trace.getTracer('test').startSpan('s'), makeInfo);
    runHook(tracing.runtime(), 'producerHook', hook, trace.wrapSpanContext(INVALID_SPAN_CONTEXT), makeInfo);
    expect(hook).not.toHaveBeenCalled();
    expect(makeInfo).not.toHaveBeenCalled();
  });

  describe('that fails is logged and does not affect the call:', () => {
    const error = new Error('hook');
    /** After all promise callbacks. */
    const loop = () => new Promise<void>(resolve => setImmediate(resolve));

    test.each<[string, () => unknown]>([
      ['it throws', () => { throw error; }], // prettier-ignore
      ['it rejects', () => Promise.reject(error)],
      ['it returns a thenable that fails', () => ({ then: (_resolve: unknown, reject: (reason: unknown) => void) => { reject(error); } })], // prettier-ignore
      ['it returns something whose then cannot be read', () => ({ get then(): never { throw error; } })], // prettier-ignore
    ])('%s', async (_how, hook) => {
      run(hook);
      await loop();
      expect(tracing.logged).toEqual(['producerHook: hook']);
    });

    test.each<[string, unknown]>([
      ['undefined', undefined],
      ['null', null],
      ['an object without prototype', Object.create(null)],
    ])('it throws or rejects with %s', async (_what, reason) => {
      run(() => {
        throw reason;
      });
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what hooks may do
      run(() => Promise.reject(reason));
      await loop();
      expect(tracing.logged).toEqual(['producerHook: ?', 'producerHook: ?']);
    });

    test('it rejects, and the logger throws: no unhandled rejection, which would end the process', async () => {
      const fault = jest.fn((): never => {
        throw new Error('log');
      });
      const runtime = tracing.runtime({}, { log: { warn: jest.fn(), fault } });
      const span = trace.getTracer('test').startSpan('s');
      runHook(
        runtime,
        'producerHook',
        () => Promise.reject(error),
        span,
        () => info,
      );
      // jest fails a test that leaves an unhandled rejection.
      await loop();
      expect(fault).toHaveBeenCalledTimes(1);
    });
  });

  test('may return anything', () => {
    for (const returned of [undefined, null, 7, 'text', {}, { then: 'later' }]) run(() => returned);
    expect(tracing.logged).toEqual([]);
  });
});

describe('a key as text', () => {
  test.each<[string, unknown, string | undefined]>([
    ['a string', 'customer-7', 'customer-7'],
    ['bytes of text', Buffer.from('ключ-7'), 'ключ-7'],
    ['an empty string', '', ''],
    ['no bytes', Buffer.alloc(0), ''],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0x00, 0x80]), undefined],
    ['UTF-8 that ends within a character', Buffer.from('ключ').subarray(0, 3), undefined],
    ['a byte order mark', Buffer.from('\ufeffa'), '\ufeffa'],
    ['null', null, undefined],
    ['undefined', undefined, undefined],
    ['a number, which kafkajs refuses', 7, undefined],
    ['bytes that are no Buffer, which kafkajs garbles', new Uint8Array([97]), undefined],
  ])('%s', (_what, key, expected) => {
    expect(textValue(key)).toBe(expected);
  });

  test.each([
    ['one byte', 'a'],
    ['two bytes', 'я'],
    ['three bytes', '€'],
  ])('is cut at 256 characters, of %s each', (_what, letter) => {
    for (const length of [256, 257, 5000]) {
      const text = letter.repeat(length);
      expect(textValue(text)).toBe(letter.repeat(256));
      expect(textValue(Buffer.from(text))).toBe(letter.repeat(256));
    }
    expect(textValue(Buffer.from(letter.repeat(255)))).toBe(letter.repeat(255));
  });

  test('is not cut within a surrogate pair', () => {
    const text = 'a'.repeat(255) + '😀' + 'b'.repeat(5000);
    for (const key of [text, Buffer.from(text)]) expect(textValue(key)).toBe('a'.repeat(255));
  });

  test('is text also if the cut falls within a character', () => {
    expect(textValue(Buffer.from('a' + '€'.repeat(2000)))).toBe('a' + '€'.repeat(255));
  });

  test('does not affect the next key', () => {
    textValue(Buffer.from('a' + '€'.repeat(2000)));
    expect(textValue(Buffer.from('next'))).toBe('next');
  });

  test('is left out if it is binary, also a long one', () => {
    expect(textValue(Buffer.alloc(5000, 0xff))).toBeUndefined();
  });
});

describe('the facts of a message', () => {
  test.each<[unknown, unknown]>([
    [
      { key: 'k', value: 'v' },
      { key: 'k', tombstone: false },
    ],
    [
      { key: 'k', value: null },
      { key: 'k', tombstone: true },
    ],
    [{ value: '' }, { key: undefined, tombstone: false }],
    [{ key: 'k' }, { key: 'k', tombstone: false }],
    [null, { key: undefined, tombstone: false }],
    ['text', { key: undefined, tombstone: false }],
  ])('%j: %j', (message, facts) => {
    expect(messageFacts(kafkaJsMessages, message, true)).toEqual(facts);
  });

  test('have no key with `captureKey: false`', () => {
    expect(messageFacts(kafkaJsMessages, { key: 'k', value: null }, false)).toEqual({
      key: undefined,
      tombstone: true,
    });
  });
});

test.each<[string, unknown[], number | undefined]>([
  ['all have the same', [{ partition: 0 }, { partition: 0 }], 0],
  ['one has another', [{ partition: 0 }, { partition: 1 }], undefined],
  ['one has none', [{ partition: 0 }, {}], undefined],
  ['it is a string, which kafkajs accepts', [{ partition: '1' }], 1],
  ['it does not exist', [{ partition: -1 }, { partition: -1 }], undefined],
  ['it is no number', [{ partition: 'first' }], undefined],
  ['there are no messages', [], undefined],
  ['they are no objects', [null, undefined], undefined],
])('the common partition of messages if %s', (_what, messages, expected) => {
  expect(commonPartition(kafkaJsMessages, messages)).toBe(expected);
});

describe('the span of an operation', () => {
  const spanOf = async (config: KafkaInstrumentationConfig, message: object = { key: '1', value: 'v' }) => {
    await send(tracing.runtime(config), [{ topic: 'orders', messages: [message] }]);
    return tracing.spans()[0];
  };
  const broken = () => {
    throw new Error('broken');
  };

  test('has the conventional name if `spanName` throws, which is logged', async () => {
    expect(await spanOf({ spanName: broken })).toMatchObject({ name: 'send orders' });
    expect(tracing.logged).toEqual(['spanName: broken']);
  });

  test('is made if `filter` throws, which is logged', async () => {
    expect(await spanOf({ filter: broken })).toMatchObject({ name: 'send orders' });
    expect(tracing.logged).toEqual(['filter: broken']);
  });

  test('has no captured header with a name of more than 256 characters', async () => {
    const [fits, tooLong] = ['x'.repeat(256), 'x'.repeat(257)];
    const span = await spanOf(
      { captureHeaders: '*' },
      { value: 'v', headers: { [fits]: '1', [tooLong]: '2' } },
    );
    const captured = Object.entries(span?.attributes ?? {}).filter(([name]) => name.includes('header'));
    expect(captured).toEqual([[`messaging.header.${fits}`, ['1']]]);
  });
});
