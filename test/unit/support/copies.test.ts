import { runInNewContext } from 'node:vm';
import { copyMessage, derive, isPlainObject, ownHeaders } from '../../../src/support/copies';

const HEADERS = { traceparent: 'ours' };
const FIELDS = ['key', 'value', 'partition', 'timestamp', 'headers', 'extra'] as const;

/** The values that kafkajs and the partitioner of the program read from a message. */
const readings = (message: object) =>
  Object.fromEntries(FIELDS.map(field => [field, (message as Record<string, unknown>)[field]]));

class PrivateMessage {
  readonly #order: { id: string; body: string };
  constructor(order: { id: string; body: string }) {
    this.#order = order;
  }
  get key() {
    return this.#order.id;
  }
  get value() {
    return this.#order.body;
  }
}

class PublicMessage {
  key = 'k';
  value = 'v';
  extra = 'own field of the class';
  get partition() {
    return 2;
  }
}

/** A plain message whose partition is not enumerable. */
const hidden = Object.defineProperty({ key: 'k', value: 'v' }, 'partition', { value: 1, enumerable: false });

const MESSAGES: [string, object][] = [
  ['an object literal', { key: 'k', value: 'v', partition: 0, timestamp: '1', extra: true }],
  ['a tombstone', { key: 'k', value: null }],
  ['an object without prototype', Object.assign(Object.create(null) as object, { key: 'k', value: 'v' })],
  ['a deep-frozen object', Object.freeze({ key: 'k', value: 'v', headers: Object.freeze({ id: '1' }) })],
  ['an object with getters', { get key() { return 'k'; }, get value() { return 'v'; } }], // prettier-ignore
  ['a class instance with fields', new PublicMessage()],
  ['a class instance with private fields behind getters', new PrivateMessage({ id: 'k', body: 'v' })],
  ['a frozen class instance', Object.freeze(new PublicMessage())],
  ['an object that inherits everything', Object.create({ key: 'k', value: 'v', partition: 1 }) as object],
  ['an object that inherits from an object without prototype', Object.create(Object.assign(Object.create(null) as object, { value: 'v' })) as object], // prettier-ignore
  ['an object that inherits headers, which kafkajs does not send', Object.create({ value: 'v', headers: { id: '1' } }) as object], // prettier-ignore
  ['a Proxy of an object literal', new Proxy({ key: 'k', value: 'v' }, {})],
  ['a Proxy that invents its properties', new Proxy({}, { get: (_target, name) => (name === 'value' ? 'v' : undefined) })], // prettier-ignore
  ['a Proxy of a class instance', new Proxy(new PublicMessage(), {})],
  ['an object with a hidden property', hidden],
];

describe.each(MESSAGES)('a copy of %s', (_what, message) => {
  const copy = copyMessage(message, HEADERS);

  test('is another object, with the headers', () => {
    expect(copy).not.toBe(message);
    expect(ownHeaders(copy)).toEqual(HEADERS);
  });

  test('reads like the original', () => {
    expect(readings(copy)).toEqual({ ...readings(message), headers: HEADERS });
  });

  test('sends the same as the original when kafkajs spreads it', () => {
    expect({ ...copy }).toEqual({ ...message, headers: HEADERS });
  });

  test('keeps its headers if no others are given', () => {
    expect({ ...copyMessage(message) }).toEqual({ ...message });
    expect(readings(copyMessage(message))).toEqual(readings(message));
  });

  test('does not change the original', () => {
    expect(Object.getOwnPropertyNames(copy)).toContain('headers');
    expect(ownHeaders(message)).not.toEqual(HEADERS);
  });
});

test('a copy of a class instance lists its properties in the same order', () => {
  class Reversed {
    value = 'v';
    extra = 'e';
    headers = { id: '1' };
    key = 'k';
  }
  expect(Object.keys(copyMessage(new Reversed(), HEADERS))).toEqual(['value', 'extra', 'headers', 'key']);
});

test('a copy of a class instance has its prototype', () => {
  expect(copyMessage(new PublicMessage(), HEADERS)).toBeInstanceOf(PublicMessage);
});

describe('a request or run config with other messages or handlers', () => {
  const KNOWN = ['acks', 'topic', 'messages'];
  const replaced = { messages: ['other'] };

  class Request {
    readonly #topic = 'orders';
    acks = 1;
    messages = ['original'];
    get topic() {
      return this.#topic;
    }
  }

  test.each<[string, object]>([
    ['an object literal', { acks: 1, topic: 'orders', messages: ['original'] }],
    ['a frozen object', Object.freeze({ acks: 1, topic: 'orders', messages: ['original'] })],
    ['a class instance with a private field', new Request()],
    ['a frozen class instance', Object.freeze(new Request())],
    [
      'an object that inherits its options',
      Object.create({ acks: 1, topic: 'orders', messages: ['original'] }) as object,
    ],
    ['a Proxy', new Proxy({ acks: 1, topic: 'orders', messages: ['original'] }, {})],
    ['a Proxy that invents its options', new Proxy({}, { get: (_target, name) => ({ acks: 1, topic: 'orders' })[name as string] })], // prettier-ignore
    ['an object with hidden options', Object.defineProperties({ topic: 'orders' }, { acks: { value: 1 } })],
  ])('%s keeps the others', (_what, request) => {
    const { acks, topic, messages } = derive(request, KNOWN, replaced) as Record<string, unknown>;
    expect({ acks, topic, messages }).toEqual({ acks: 1, topic: 'orders', messages: ['other'] });
    expect((request as { messages?: unknown }).messages).not.toBe(replaced.messages);
  });

  test('unknown options are copied', () => {
    expect(derive({ topic: 'orders', later: 7 }, KNOWN, replaced)).toEqual({
      topic: 'orders',
      later: 7,
      ...replaced,
    });
    expect(derive(Object.assign(new Request(), { later: 7 }), KNOWN, replaced).later).toBe(7);
  });

  test('a getter is read once, on the original', () => {
    const reads: unknown[] = [];
    class Lazy {
      get topic() {
        reads.push(this);
        return 'orders';
      }
    }
    const original = new Lazy();
    const copy = derive(original, KNOWN, replaced);
    expect([copy.topic, copy.topic]).toEqual(['orders', 'orders']);
    expect(reads).toEqual([original]);
    expect(reads[0]).toBe(original);
  });
});

describe('a plain object', () => {
  class Headers {
    traceparent = 'x';
  }

  test.each<[string, unknown]>([
    ['an object literal', { a: 'b' }],
    ['an object without prototype', Object.assign(Object.create(null) as object, { a: 'b' })],
    ['a frozen object', Object.freeze({ a: 'b' })],
    ['an object literal of another realm', runInNewContext('({ a: "b" })')],
    ['a Proxy of an object literal', new Proxy({ a: 'b' }, {})],
  ])('is %s', (_what, value) => {
    expect(isPlainObject(value)).toBe(true);
  });

  test.each<[string, unknown]>([
    ['a class instance', new Headers()],
    ['an object that inherits properties', Object.create({ a: 'b' })],
    [
      'an object that inherits from an object without prototype',
      Object.create(Object.create(null) as object),
    ],
    ['a Map', new Map([['a', 'b']])],
    ['an array', ['a']],
    ['an array of another realm', runInNewContext('["a"]')],
    ['a Buffer', Buffer.from('a')],
    ['a string', 'a'],
    ['null', null],
    ['undefined', undefined],
    ['a function', () => undefined],
  ])('is not %s', (_what, value) => {
    expect(isPlainObject(value)).toBe(false);
  });
});
