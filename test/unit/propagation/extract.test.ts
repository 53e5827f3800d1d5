import { ROOT_CONTEXT, createContextKey, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import {
  consumerBaseContext,
  extractContext,
  fieldGetter,
  findFields,
  hasTraceKey,
  headerText,
  originOf,
  propagationKeys,
  type Headers,
} from '../../../src/propagation/extract';
import { baggageIn, contextOf, producer, traceparent, useTracing } from '../core/tracing';

useTracing();

const KEY = createContextKey('application');

/** Creates a message with the context of a producer's span, as kafkajs delivers it. */
const from = (span: ReturnType<typeof producer>, headers: Record<string, unknown> = {}) => ({
  offset: '0',
  headers: { traceparent: Buffer.from(traceparent(span)), ...headers },
});

describe('the base context of a consumer', () => {
  test('is the active one without its span and baggage', () => {
    const caller = contextOf(producer('c'), { user: '7' }, ROOT_CONTEXT.setValue(KEY, 'kept'));
    const base = consumerBaseContext(caller);
    expect(trace.getSpan(base)).toBeUndefined();
    expect(baggageIn(base)).toEqual({});
    expect(base.getValue(KEY)).toBe('kept');
  });

  test('keeps all its values if it has neither', () => {
    expect(consumerBaseContext(ROOT_CONTEXT.setValue(KEY, 'kept')).getValue(KEY)).toBe('kept');
  });
});

describe('extractContext', () => {
  test('returns the remote span and the baggage in the headers', () => {
    const context = extractContext(from(producer('a'), { baggage: 'tenant=acme' }));
    expect(originOf(context)).toEqual(producer('a'));
    expect(baggageIn(context)).toEqual({ tenant: 'acme' });
  });

  test('extends the given context', () => {
    const context = extractContext(from(producer('a')), ROOT_CONTEXT.setValue(KEY, 'kept'));
    expect(context.getValue(KEY)).toBe('kept');
    expect(originOf(context)).toEqual(producer('a'));
  });

  test.each<[string, unknown]>([
    ['no headers', { value: 'v' }],
    ['other headers', { headers: { id: '1' } }],
    ['null headers', { headers: null }],
    ['an empty Map as headers', { headers: new Map() }],
    ['an empty array as headers', { headers: [] }],
    ['null as message', null],
    ['nothing as message', undefined],
  ])('returns the given context itself for %s', (_what, message) => {
    const context = ROOT_CONTEXT.setValue(KEY, 'same');
    expect(extractContext(message, context)).toBe(context);
  });

  test.each<[string, unknown]>([
    ['garbage', 'garbage'],
    ['zeros', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`],
    ['nothing', ''],
    ['null', null],
    ['binary', Buffer.from([0xff, 0xfe])],
  ])('finds no origin in a traceparent of %s', (_what, value) => {
    expect(originOf(extractContext({ headers: { traceparent: value } }))).toBeUndefined();
  });
});

describe('a header value', () => {
  /** Returns the value that a propagator reads if it has only this field. */
  const read = (headers: Headers, field: string) => {
    const found = findFields(headers, [field]);
    return found && fieldGetter.get(found, field);
  };

  test.each([
    ['a Buffer, as kafkajs delivers it', Buffer.from('abc'), 'abc'],
    ['a string, as NestJS decodes it', 'abc', 'abc'],
    ['several values, of which the last counts', ['first', Buffer.from('last')], 'last'],
    ['UTF-8', Buffer.from('ключ'), 'ключ'],
    ['an empty string', '', ''],
    ['null, as a Java producer may send', null, undefined],
    ['undefined', undefined, undefined],
    ['an empty list', [], undefined],
    ['a list that ends in null', ['a', null], undefined],
    ['a number', 7, undefined],
    ['an object', { toString: () => 'abc' }, undefined],
    ['a Uint8Array, which kafkajs never delivers', new Uint8Array([97]), undefined],
  ])('may be %s', (_what, value, expected) => {
    expect(read({ traceparent: value }, 'traceparent')).toBe(expected);
  });

  test.each(['X-B3-TraceId', 'x-b3-traceid', 'X-B3-TRACEID'])(
    'is found if its name is written as %s',
    written => {
      expect(read({ [written]: 'abc' }, 'x-b3-traceid')).toBe('abc');
    },
  );

  test('is that of the exact spelling, if there are several', () => {
    expect(read({ B3: 'other', b3: 'exact' }, 'b3')).toBe('exact');
  });

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'is not found for an inherited %s',
    field => {
      expect(read({}, field)).toBeUndefined();
      expect(read(Object.create({ [field]: 'inherited' }) as object as Record<string, unknown>, field)).toBe(
        undefined,
      );
    },
  );

  test('is found for own properties with such names', () => {
    const headers = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, unknown>;
    const found = findFields(headers, ['constructor']);
    expect(found && fieldGetter.keys(found)).toEqual(['__proto__', 'constructor']);
    expect(read(headers, 'constructor')).toBe('b');
  });
});

describe('the getter for propagators', () => {
  const FIELDS = ['traceparent', 'tracestate', 'b3', 'baggage'];
  const name = fc.constantFrom(
    ...FIELDS,
    'Traceparent',
    'TRACESTATE',
    'B3',
    'Baggage',
    'x-id',
    'uberctx-a',
    'Uberctx-a',
  );
  const value = fc.constantFrom('', 'a', 'b', Buffer.from('c'), null, undefined, ['d', Buffer.from('e')], []);

  /**
   * Prefers the exact spelling of the name. Otherwise takes the first name that differs only in upper and lower case.
   */
  const expected = (headers: Headers, asked: string) => {
    const keys = Object.keys(headers);
    const key = keys.includes(asked) ? asked : keys.find(each => each.toLowerCase() === asked.toLowerCase());
    return key === undefined ? undefined : headerText(headers[key]);
  };

  test('returns the headers, for propagation fields and for other names', () => {
    const headers = fc.dictionary(name, value, { noNullPrototype: false });
    const looked = fc.subarray(FIELDS, { minLength: 1 });
    fc.assert(
      fc.property(headers, looked, name, (given, fields, asked) => {
        const found = findFields(given, fields);
        const isThere = Object.keys(given).some(key => fields.includes(key.toLowerCase()));
        expect(found !== undefined).toBe(isThere);
        if (found) expect(fieldGetter.get(found, asked)).toBe(expected(given, asked));
      }),
    );
  });

  test('finds a name with the prefix that Jaeger reads, beside one that differs in letter case', () => {
    const headers = { 'uber-trace-id': 'x', 'Uberctx-user': 'other', 'uberctx-user': 'exact' };
    const found = findFields(headers, ['uber-trace-id']);
    expect(found && fieldGetter.get(found, 'uberctx-user')).toBe('exact');
  });

  test('does not search the headers again for a field', () => {
    const found = findFields({ id: '1', traceparent: Buffer.from('a') }, FIELDS);
    const headers = new Proxy({}, { ownKeys: () => { throw new Error('searched'); } }); // prettier-ignore
    const read = (field: string) => found && fieldGetter.get({ ...found, headers }, field);
    expect(FIELDS.map(read)).toEqual(['a', undefined, undefined, undefined]);
    expect(() => read('id')).toThrow('searched');
  });
});

describe('propagation keys', () => {
  const fields = ['traceparent', 'tracestate', 'baggage'];

  test('keep the spelling of the message', () => {
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

  test('hold a trace if any of them is not baggage', () => {
    expect(hasTraceKey(['Baggage', 'baggage'])).toBe(false);
    expect(hasTraceKey(['baggage', 'traceparent'])).toBe(true);
    expect(hasTraceKey([])).toBe(false);
  });
});
