import { isSendable, readSend, readSendBatch } from '../../../../src/clients/kafkajs/producer';

const messages = [{ value: 'v' }];
const others = [{ value: 'other' }];

describe('a request of send', () => {
  test('is read as one entry, and made again with other messages', () => {
    const call = readSend({ topic: 'orders', messages, acks: 0 });
    expect(call?.entries).toEqual([{ topic: 'orders', messages }]);
    expect(call?.isEmpty).toBe(false);
    expect(call?.withMessages([others])).toEqual({ topic: 'orders', messages: others, acks: 0 });
  });

  test('is read once, property by property', () => {
    const topic = jest.fn(() => 'orders');
    class Request {
      messages = messages;
      get topic() {
        return topic();
      }
    }
    const call = readSend(new Request());
    expect((call?.withMessages([others]) as Request).topic).toBe('orders');
    expect(topic).toHaveBeenCalledTimes(1);
  });

  test('whose messages are no list still tells its topic', () => {
    for (const odd of [undefined, null, 'v', {}, new Set(messages)])
      expect(readSend({ topic: 'orders', messages: odd })?.entries).toEqual([
        { topic: 'orders', messages: [], isMalformed: true },
      ]);
  });

  test.each([[undefined], [null], ['orders'], [{}], [{ topic: '', messages }], [{ topic: 7, messages }]])(
    'is not understood where it is %j',
    request => {
      expect(readSend(request)).toBeUndefined();
    },
  );
});

describe('a request of sendBatch', () => {
  test('is read as its entries, one topic named twice included, and made again with other messages', () => {
    const topicMessages = [
      { topic: 'orders', messages, later: 1 },
      { topic: 'bills', messages },
      { topic: 'orders', messages },
    ];
    const call = readSendBatch({ acks: 0, topicMessages });
    expect(call?.entries.map(({ topic }) => topic)).toEqual(['orders', 'bills', 'orders']);
    expect(call?.withMessages([others, messages, []])).toEqual({
      acks: 0,
      topicMessages: [
        { topic: 'orders', messages: others, later: 1 },
        { topic: 'bills', messages },
        { topic: 'orders', messages: [] },
      ],
    });
  });

  test.each([[{}], [{ topicMessages: [] }], [{ topicMessages: undefined }]])(
    'is empty where it is %j',
    request => {
      expect(readSendBatch(request)).toMatchObject({ entries: [], isEmpty: true });
    },
  );

  test.each([
    [undefined],
    [null],
    [{ topicMessages: null }],
    [{ topicMessages: 'orders' }],
    [{ topicMessages: [null] }],
    [{ topicMessages: [{ topic: 'orders', messages }, { messages }] }],
  ])('is not understood where it is %j', request => {
    expect(readSendBatch(request)).toBeUndefined();
  });
});

describe('a message is given headers only if kafkajs will not refuse it:', () => {
  class Headers {
    constructor(readonly a: unknown) {}
  }

  test.each<[string, unknown, boolean]>([
    ['a value', { value: 'v' }, true],
    ['a tombstone', { value: null }, true],
    [
      'headers of text, bytes and lists',
      { value: 'v', headers: { a: 'b', c: Buffer.from('d'), e: ['f', Buffer.from('g')], h: [] } },
      true,
    ],
    ['headers that kafkajs does not look into', { value: 'v', headers: new Map([['a', 1]]) }, true],
    ['headers of a class', { value: 'v', headers: new Headers('b') }, true],
    ['no value', { key: 'k' }, false],
    ['null', null, false],
    ['text', 'v', false],
    ['a header of null', { value: 'v', headers: { a: null } }, false],
    ['a header of undefined', { value: 'v', headers: { a: undefined } }, false],
    ['a number in headers of a class', { value: 'v', headers: new Headers(1) }, false],
    ['a list of headers', { value: 'v', headers: [{ key: 'a', value: 'b' }] }, false],
    ['a header that is a number', { value: 'v', headers: { a: 1 } }, false],
    ['a list with null in a header', { value: 'v', headers: { a: ['b', null] } }, false],
    [
      'a trace header of null, which ours must not hide',
      { value: 'v', headers: { traceparent: null } },
      false,
    ],
  ])('%s', (_what, message, expected) => {
    expect(isSendable(message)).toBe(expected);
  });
});
