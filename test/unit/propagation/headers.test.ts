import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import {
  findFields,
  fieldGetter,
  hasTraceKey,
  headersOf,
  isPlainObject,
  propagationKeys,
  readHeader,
} from '../../../src/propagation/extract';

describe('reading a header', () => {
  test.each([
    ['a Buffer, as kafkajs delivers it', Buffer.from('abc'), 'abc'],
    ['a string, as NestJS decodes it', 'abc', 'abc'],
    ['several values: the last one counts', ['first', Buffer.from('last')], 'last'],
    ['UTF-8', Buffer.from('ключ'), 'ключ'],
    ['an empty string', '', ''],
    ['null, as a Java producer may send', null, undefined],
    ['undefined', undefined, undefined],
    ['an empty list', [], undefined],
    ['a list that ends in null', ['a', null], undefined],
    ['a number', 7, undefined],
    ['an object', { toString: () => 'abc' }, undefined],
    ['bytes that are no Buffer, which kafkajs never delivers', new Uint8Array([97]), undefined],
  ])('%s', (_what, value, expected) => {
    expect(readHeader({ traceparent: value }, 'traceparent')).toBe(expected);
  });

  test.each(['X-B3-TraceId', 'x-b3-traceid', 'X-B3-TRACEID'])(
    'finds a field that was written as %s',
    written => {
      expect(readHeader({ [written]: 'abc' }, 'x-b3-traceid')).toBe('abc');
    },
  );

  test('prefers the exact spelling', () => {
    expect(readHeader({ B3: 'other', b3: 'exact' }, 'b3')).toBe('exact');
  });

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'finds no %s in headers that have none of their own',
    field => {
      expect(readHeader({}, field)).toBeUndefined();
      expect(
        readHeader(Object.create({ [field]: 'inherited' }) as object as Record<string, unknown>, field),
      ).toBe(undefined);
    },
  );

  test('finds headers with such names where a stranger sent them', () => {
    const headers = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, unknown>;
    const found = findFields(headers, ['constructor']);
    expect(found && fieldGetter.keys(found)).toEqual(['__proto__', 'constructor']);
    expect(['__proto__', 'constructor'].map(field => readHeader(headers, field))).toEqual(['a', 'b']);
  });
});

describe('what propagators read', () => {
  const FIELDS = ['traceparent', 'tracestate', 'b3', 'baggage'];
  const name = fc.constantFrom(...FIELDS, 'Traceparent', 'TRACESTATE', 'B3', 'Baggage', 'x-id', 'uberctx-a');
  const value = fc.constantFrom('', 'a', 'b', Buffer.from('c'), null, undefined, ['d', Buffer.from('e')], []);

  test('is what stands in the headers, whatever of it is known beforehand', () => {
    const headers = fc.dictionary(name, value, { noNullPrototype: false });
    const looked = fc.subarray(FIELDS, { minLength: 1 });
    fc.assert(
      fc.property(headers, looked, name, (given, fields, asked) => {
        const found = findFields(given, fields);
        const isThere = Object.keys(given).some(key => fields.includes(key.toLowerCase()));
        expect(found !== undefined).toBe(isThere);
        if (found) expect(fieldGetter.get(found, asked)).toBe(readHeader(given, asked));
      }),
    );
  });

  test('takes one search where one of the fields is there', () => {
    const headers = { id: '1', traceparent: Buffer.from('a') };
    const found = findFields(headers, FIELDS);
    let looks = 0;
    const seen = new Proxy(headers, {
      getOwnPropertyDescriptor: (target, key) => {
        looks++;
        return Reflect.getOwnPropertyDescriptor(target, key);
      },
    });
    const read = (fields: readonly string[], from = found && { ...found, headers: seen }) =>
      fields.map(field => from && fieldGetter.get(from, field));
    expect(read(FIELDS)).toEqual(['a', undefined, undefined, undefined]);
    expect(looks).toBe(0);
    expect(read(['id'])).toEqual(['1']);
    expect(looks).toBeGreaterThan(0);
  });
});

describe('headers', () => {
  class Headers {
    traceparent = 'x';
  }

  test.each<[string, unknown]>([
    ['an object literal', { a: 'b' }],
    ['an object without prototype', Object.assign(Object.create(null) as object, { a: 'b' })],
    ['a frozen object', Object.freeze({ a: 'b' })],
    ['an object literal of another realm', runInNewContext('({ a: "b" })')],
    ['a Proxy of an object literal', new Proxy({ a: 'b' }, {})],
  ])('may be %s', (_what, headers) => {
    expect(isPlainObject(headers)).toBe(true);
    expect(headersOf({ headers })).toBe(headers);
  });

  test.each<[string, unknown]>([
    ['a class instance', new Headers()],
    ['an object that inherits them', Object.create({ a: 'b' })],
    ['one that inherits from an object without prototype', Object.create(Object.create(null) as object)],
    ['a Map', new Map([['a', 'b']])],
    ['an array', ['a']],
    ['an array of another realm', runInNewContext('["a"]')],
    ['a Buffer', Buffer.from('a')],
    ['a string', 'a'],
    ['null', null],
    ['undefined', undefined],
    ['a function', () => undefined],
  ])('are not looked for in %s', (_what, headers) => {
    expect(isPlainObject(headers)).toBe(false);
    expect(headersOf({ headers })).toBeUndefined();
  });

  test.each([[null], [undefined], ['text'], [7]])(
    'are not looked for in %p, which is no message',
    message => {
      expect(headersOf(message)).toBeUndefined();
    },
  );
});

describe('the keys that propagators own', () => {
  const fields = ['traceparent', 'tracestate', 'baggage'];

  test('are given in the spelling of the message', () => {
    const headers = { Traceparent: 'a', TRACEPARENT: 'b', traceparent: 'c', id: 'd', Baggage: 'e' };
    expect(propagationKeys(headers, fields)).toEqual([
      'Traceparent',
      'TRACEPARENT',
      'traceparent',
      'Baggage',
    ]);
  });

  test('are none without propagators', () => {
    expect(propagationKeys({ traceparent: 'a' }, [])).toEqual([]);
  });

  test('tell a trace from mere baggage', () => {
    expect(hasTraceKey(['Baggage', 'baggage'])).toBe(false);
    expect(hasTraceKey(['baggage', 'traceparent'])).toBe(true);
    expect(hasTraceKey([])).toBe(false);
  });
});
