import { keyText, messageFacts, namedPartition } from '../../../src/core/span';

describe('a key as text', () => {
  test.each<[string, unknown, string | undefined]>([
    ['a string', 'customer-7', 'customer-7'],
    ['bytes of text', Buffer.from('ключ-7'), 'ключ-7'],
    ['an empty string', '', ''],
    ['no bytes', Buffer.alloc(0), ''],
    ['bytes that are no text', Buffer.from([0xff, 0x00, 0x80]), undefined],
    ['a text that ends within a character', Buffer.from('ключ').subarray(0, 3), undefined],
    ['a byte order mark', Buffer.from('\ufeffa'), '\ufeffa'],
    ['null', null, undefined],
    ['undefined', undefined, undefined],
    ['a number, which kafkajs refuses', 7, undefined],
    ['bytes that are no Buffer, which kafkajs garbles', new Uint8Array([97]), undefined],
  ])('%s', (_what, key, expected) => {
    expect(keyText(key)).toBe(expected);
  });

  test.each([
    ['one byte', 'a'],
    ['two bytes', 'я'],
    ['three bytes', '€'],
  ])('is cut at 256 characters, of %s each', (_what, letter) => {
    for (const length of [256, 257, 5000]) {
      const text = letter.repeat(length);
      expect(keyText(text)).toBe(letter.repeat(256));
      expect(keyText(Buffer.from(text))).toBe(letter.repeat(256));
    }
    expect(keyText(Buffer.from(letter.repeat(255)))).toBe(letter.repeat(255));
  });

  test('is cut before a character of two halves rather than within it', () => {
    const text = 'a'.repeat(255) + '😀' + 'b'.repeat(5000);
    for (const key of [text, Buffer.from(text)]) expect(keyText(key)).toBe('a'.repeat(255));
  });

  test('is not taken for binary where the cut falls within a character', () => {
    expect(keyText(Buffer.from('a' + '€'.repeat(2000)))).toBe('a' + '€'.repeat(255));
  });

  test('leaves nothing behind for the next key', () => {
    keyText(Buffer.from('a' + '€'.repeat(2000)));
    expect(keyText(Buffer.from('next'))).toBe('next');
  });

  test('a long binary key is left out like a short one', () => {
    expect(keyText(Buffer.alloc(5000, 0xff))).toBeUndefined();
  });
});

describe('what a message tells', () => {
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
    expect(messageFacts(message, true)).toEqual(facts);
  });

  test('is not its key where that is not wanted', () => {
    expect(messageFacts({ key: 'k', value: null }, false)).toEqual({ key: undefined, tombstone: true });
  });
});

test.each<[string, unknown[], number | undefined]>([
  ['all name it', [{ partition: 0 }, { partition: 0 }], 0],
  ['one names another', [{ partition: 0 }, { partition: 1 }], undefined],
  ['one names none', [{ partition: 0 }, {}], undefined],
  ['it is named as text, which kafkajs takes too', [{ partition: '1' }], undefined],
  ['there are no messages', [], undefined],
  ['there are none to speak of', [null, undefined], undefined],
])('the partition of messages where %s', (_what, messages, expected) => {
  expect(namedPartition(messages)).toBe(expected);
});
