import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import type { Runtime } from '../../../src/runtime';
import { send } from './sending';
import { useTracing } from './tracing';

const tracing = useTracing();

/** Returns the span of a send. By default, one message is sent. */
async function spanOf(
  config: KafkaInstrumentationConfig,
  messages: readonly unknown[] = [{ key: '1', value: 'v' }],
) {
  await send(tracing.runtime(config), [{ topic: 'orders', messages }]);
  return tracing.spans()[0];
}

describe('a hook', () => {
  /** Sends with a hook and waits for all callbacks of promises. */
  const run = async (producerHook: () => unknown, overrides: Partial<Runtime> = {}) => {
    const runtime = tracing.runtime({ producerHook }, overrides);
    await send(runtime, [{ topic: 'orders', messages: [{ value: 'v' }] }]);
    await new Promise<void>(resolve => setImmediate(resolve));
  };
  const error = new Error('hook');

  test.each<[string, () => unknown]>([
    ['throws', () => { throw error; }], // prettier-ignore
    ['rejects', () => Promise.reject(error)],
    ['returns a thenable that fails', () => ({ then: (_resolve: unknown, reject: (reason: unknown) => void) => { reject(error); } })], // prettier-ignore
    ['returns something whose then cannot be read', () => ({ get then(): never { throw error; } })], // prettier-ignore
  ])('that %s is logged and does not affect the send', async (_how, hook) => {
    await run(hook);
    expect(tracing.logged).toEqual(['producerHook: hook']);
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['an object without prototype', Object.create(null)],
  ])('that throws or rejects with %s is logged', async (_what, reason) => {
    await run(() => {
      throw reason;
    });
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what hooks may do
    await run(() => Promise.reject(reason));
    expect(tracing.logged).toEqual(['producerHook: ?', 'producerHook: ?']);
  });

  test('that rejects while the logger throws causes no unhandled rejection, which would end the process', async () => {
    const fault = jest.fn((): never => {
      throw new Error('log');
    });
    // If a rejection stays unhandled, jest fails the test.
    await run(() => Promise.reject(error), { log: { warn: jest.fn(), fault } });
    expect(fault).toHaveBeenCalledTimes(1);
  });

  test('may return anything', async () => {
    for (const returned of [undefined, null, 7, 'text', {}, { then: 'later' }]) await run(() => returned);
    expect(tracing.logged).toEqual([]);
  });
});

describe('the key on a span', () => {
  const keyOf = async (key: unknown) => {
    tracing.reset();
    return (await spanOf({}, [{ key, value: 'v' }]))?.attributes['messaging.kafka.message.key'];
  };

  test.each<[string, unknown, string | undefined]>([
    ['text for a string', 'customer-7', 'customer-7'],
    ['text for bytes of text', Buffer.from('ключ-7'), 'ключ-7'],
    ['empty for an empty string', '', ''],
    ['empty for no bytes', Buffer.alloc(0), ''],
    ['absent for bytes that are not UTF-8', Buffer.from([0xff, 0x00, 0x80]), undefined],
    ['absent for many bytes that are not UTF-8', Buffer.alloc(5000, 0xff), undefined],
    ['absent for UTF-8 that ends within a character', Buffer.from('ключ').subarray(0, 3), undefined],
    ['text with a byte order mark', Buffer.from('\ufeffa'), '\ufeffa'],
    ['absent for null', null, undefined],
    ['absent for undefined', undefined, undefined],
    ['absent for a number, which kafkajs refuses', 7, undefined],
    [
      'absent for bytes in another object than a Buffer, which kafkajs garbles',
      new Uint8Array([97]),
      undefined,
    ],
  ])('is %s', async (_what, key, expected) => {
    expect(await keyOf(key)).toBe(expected);
  });

  test.each([
    ['one byte', 'a'],
    ['two bytes', 'я'],
    ['three bytes', '€'],
  ])('is cut at 256 characters, of %s each', async (_what, letter) => {
    for (const length of [256, 257, 5000]) {
      const text = letter.repeat(length);
      for (const key of [text, Buffer.from(text)]) expect(await keyOf(key)).toBe(letter.repeat(256));
    }
    expect(await keyOf(Buffer.from(letter.repeat(255)))).toBe(letter.repeat(255));
  });

  test('is not cut within a surrogate pair', async () => {
    const text = 'a'.repeat(255) + '😀' + 'b'.repeat(5000);
    for (const key of [text, Buffer.from(text)]) expect(await keyOf(key)).toBe('a'.repeat(255));
  });

  test('is text even if its bytes are cut within a character, and so is the next key', async () => {
    expect(await keyOf(Buffer.from('aa' + '€'.repeat(2000)))).toBe('aa' + '€'.repeat(254));
    expect(await keyOf(Buffer.from('next'))).toBe('next');
  });
});

test.each<[unknown, unknown]>([
  [{ value: null }, true],
  [{ value: '' }, undefined],
  [{ key: 'k' }, undefined],
  [null, undefined],
  ['text', undefined],
])('the span of the message %j has the tombstone attribute %p', async (message, expected) => {
  const span = await spanOf({}, [message]);
  expect(span?.attributes['messaging.kafka.message.tombstone']).toBe(expected);
});

test.each<[string, unknown, number | undefined]>([
  ['the bytes of a text as UTF-8', 'ключ', 8],
  ['the bytes of a buffer', Buffer.alloc(3), 3],
  ['no bytes', '', 0],
  ['the text of other bytes, which is what kafkajs sends', new Uint8Array([1, 2, 30]), 6],
  ['nothing for a tombstone', null, undefined],
  ['nothing without a value', undefined, undefined],
  ['nothing for a value that the library may convert', { toString: () => 'text' }, undefined],
])('with `captureSizes`, the size of the value is %s', async (_what, value, expected) => {
  const span = await spanOf({ captureSizes: true }, [{ value }]);
  expect(span?.attributes['messaging.message.body.size']).toBe(expected);
});

test('the size of the value is absent by default, and for several messages', async () => {
  const several = [{ value: 'v' }, { value: 'w' }];
  const spans = [await spanOf({}, [{ value: 'v' }]), await spanOf({ captureSizes: true }, several)];
  for (const span of spans) expect(span?.attributes).not.toHaveProperty(['messaging.message.body.size']);
});

test('the span of a tombstone has no key with `captureKey: false`', async () => {
  const span = await spanOf({ captureKey: false }, [{ key: 'k', value: null }]);
  expect(span?.attributes).not.toHaveProperty(['messaging.kafka.message.key']);
  expect(span?.attributes).toHaveProperty(['messaging.kafka.message.tombstone']);
});

test.each<[string, unknown[], string | undefined]>([
  ['the partition that all messages name', [{ partition: 0 }, { partition: 0 }], '0'],
  ['no partition if one message names another', [{ partition: 0 }, { partition: 1 }], undefined],
  ['no partition if one message names none', [{ partition: 0 }, {}], undefined],
  ['a partition that is named as a string, which kafkajs accepts', [{ partition: '1' }], '1'],
  ['no negative partition', [{ partition: -1 }, { partition: -1 }], undefined],
  ['no partition that is not a number', [{ partition: 'first' }], undefined],
  ['no partition without messages', [], undefined],
  ['no partition for messages that are not objects', [null, undefined], undefined],
])('the span of a send has %s', async (_what, messages, expected) => {
  const span = await spanOf({}, messages);
  expect(span?.attributes['messaging.destination.partition.id']).toBe(expected);
});

describe('the span of an operation', () => {
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
    const span = await spanOf({ captureHeaders: '*' }, [
      { value: 'v', headers: { [fits]: '1', [tooLong]: '2' } },
    ]);
    const captured = Object.entries(span?.attributes ?? {}).filter(([name]) => name.includes('header'));
    expect(captured).toEqual([[`messaging.header.${fits}`, ['1']]]);
  });
});
