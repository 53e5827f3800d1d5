import { ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api';
import { ownHeaders } from '../../../src/support/copies';
import {
  MAX_INJECTED_BYTES,
  isWrittenByPropagateContext,
  propagateContext,
  traceHeadersOf,
  withTraceHeaders,
} from '../../../src/propagation/inject';
import { contextOf, producer, traceparent, useTracing } from '../core/tracing';

useTracing();

const span = producer('a');
const ours = traceparent(span);
const theirs = traceparent(producer('b'));

/** Returns the headers of a message after a context was written into them. */
const injected = (headers: unknown, active: Context = contextOf(span)) =>
  ownHeaders(withTraceHeaders({ value: 'v', headers }, traceHeadersOf(active)));

describe('the trace headers of a context', () => {
  test('hold trace context and baggage as strings', () => {
    expect(traceHeadersOf(contextOf(span, { tenant: 'acme' }))).toEqual({
      traceparent: ours,
      baggage: 'tenant=acme',
    });
  });

  test('hold an unsampled span, so that its consumers do not sample either', () => {
    expect(traceHeadersOf(contextOf(producer('a', 1, false)))).toEqual({
      traceparent: '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-0000000000000001-00',
    });
  });

  test('are none without a span', () => {
    expect(traceHeadersOf(ROOT_CONTEXT)).toEqual({});
  });

  test('leave out a value of more than 8192 bytes, and keep the others', () => {
    const wide = (characters: number) =>
      traceHeadersOf(
        contextOf({
          ...span,
          traceState: {
            serialize: () => 'я'.repeat(characters),
            get: () => undefined,
            set: (): never => {
              throw new Error('unused');
            },
            unset: (): never => {
              throw new Error('unused');
            },
          },
        }),
      );
    expect(Object.keys(wide(MAX_INJECTED_BYTES / 2))).toEqual(['traceparent', 'tracestate']);
    expect(Object.keys(wide(MAX_INJECTED_BYTES / 2 + 1))).toEqual(['traceparent']);
  });
});

describe('the headers of the copy', () => {
  test.each<[string, unknown, unknown]>([
    ['are created if there are none', undefined, { traceparent: ours }],
    ['keep the others', { id: '1', list: ['a', 'b'] }, { id: '1', list: ['a', 'b'], traceparent: ours }],
    ['replace those of the same name', { traceparent: theirs }, { traceparent: ours }],
    [
      'replace those in any letter case',
      { Traceparent: theirs, TRACEPARENT: Buffer.from(theirs), id: '1' },
      { id: '1', traceparent: ours },
    ],
    [
      'lose a tracestate that belongs to another trace',
      { traceparent: theirs, tracestate: 'x=1' },
      { traceparent: ours },
    ],
    [
      'lose baggage that came with another trace',
      { traceparent: theirs, Baggage: 'tenant=b' },
      { traceparent: ours },
    ],
    [
      'keep baggage that came without a trace',
      { Baggage: 'tenant=b' },
      { Baggage: 'tenant=b', traceparent: ours },
    ],
  ])('%s', (_what, before, after) => {
    expect(injected(before)).toEqual(after);
  });

  test('hold the baggage of the context instead of any other', () => {
    expect(injected({ BAGGAGE: 'tenant=b', id: '1' }, contextOf(span, { tenant: 'acme' }))).toEqual({
      id: '1',
      traceparent: ours,
      baggage: 'tenant=acme',
    });
  });

  test('keep names of built-in properties', () => {
    const headers = JSON.parse('{"__proto__":"x","constructor":"y"}') as object;
    for (const before of [headers, { ...headers, Traceparent: theirs }]) {
      const after = injected(before) as Record<string, unknown>;
      expect(Object.entries(after)).toEqual([
        ['__proto__', 'x'],
        ['constructor', 'y'],
        ['traceparent', ours],
      ]);
      expect(Object.getPrototypeOf(after)).toBe(Object.prototype);
    }
  });

  test('are not shared: ten messages with one headers object get one each', () => {
    const headers = Object.freeze({ id: '1' });
    const copies = Array.from({ length: 10 }, (_, index) =>
      ownHeaders(
        withTraceHeaders({ value: 'v', headers }, traceHeadersOf(contextOf(producer('a', index + 1)))),
      ),
    );
    expect(new Set(copies).size).toBe(10);
    expect(headers).toEqual({ id: '1' });
  });

  test('do not include inherited headers, which kafkajs does not send', () => {
    const message = Object.create({ headers: { id: '1' }, value: 'v' }) as object;
    expect(ownHeaders(withTraceHeaders(message, traceHeadersOf(contextOf(span))))).toEqual({
      traceparent: ours,
    });
  });
});

describe('headers that are not a plain object keep', () => {
  class Base {
    base = 'b';
  }
  class Headers extends Base {
    readonly #secret = 's';
    id = '1';
    get secret() {
      return this.#secret;
    }
  }

  test.each<[string, object, unknown]>([
    ['the fields of a class instance', new Headers(), { base: 'b', id: '1' }],
    ['the fields of a frozen class instance', Object.freeze(new Headers()), { base: 'b', id: '1' }],
    [
      'no inherited property',
      Object.create({ id: '1' }, { own: { value: 'o', enumerable: true } }) as object,
      { own: 'o' },
    ],
    [
      'no property that is not enumerable',
      Object.defineProperty(new Base(), 'hidden', { value: 'h' }),
      { base: 'b' },
    ],
    ['the properties that a Proxy of an instance lists', new Proxy(new Base(), {}), { base: 'b' }],
    [
      'the value of an own getter',
      Object.defineProperty(new Base(), 'id', { get: () => '1', enumerable: true }),
      { base: 'b', id: '1' },
    ],
    ['the elements of an array', ['1'], { 0: '1' }],
    ['nothing of a Map', new Map([['id', '1']]), {}],
  ])('%s', (_what, headers, written) => {
    const before = Object.getOwnPropertyDescriptors(headers);
    expect(injected(headers)).toEqual({ ...(written as object), traceparent: ours });
    expect(Object.getOwnPropertyDescriptors(headers)).toEqual(before);
  });

  test('none of their trace headers', () => {
    const headers = Object.assign(new Base(), { TraceParent: theirs });
    expect(injected(headers)).toEqual({ base: 'b', traceparent: ours });
  });
});

describe('the message itself is returned', () => {
  test('if there is nothing to write', () => {
    const message = { value: 'v', headers: { traceparent: theirs } };
    expect(withTraceHeaders(message, {})).toBe(message);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['a string', 'id'],
    ['a function', () => undefined],
  ])('if its headers are %s, which kafkajs handles as without instrumentation', (_what, headers) => {
    const message = { value: 'v', headers };
    expect(withTraceHeaders(message, traceHeadersOf(contextOf(span)))).toBe(message);
  });
});

describe('propagateContext', () => {
  test('writes the context into a copy of the same type', () => {
    const message = Object.freeze({ key: 'k', value: 'v', headers: Object.freeze({ id: '1' }) });
    const copy: { key: string } = propagateContext(message, contextOf(span, { tenant: 'acme' }));
    expect(copy).toEqual({
      key: 'k',
      value: 'v',
      headers: { id: '1', traceparent: ours, baggage: 'tenant=acme' },
    });
    expect(message.headers).toEqual({ id: '1' });
  });

  test('marks the headers for a later send, even in a copy of the message', () => {
    const copy = propagateContext({ value: 'v', headers: {} }, contextOf(span));
    expect(isWrittenByPropagateContext(copy.headers)).toBe(true);
    expect(isWrittenByPropagateContext({ ...copy }.headers)).toBe(true);
    expect(isWrittenByPropagateContext({ ...copy.headers })).toBe(false);
  });

  test('returns a copy even if there is nothing to write', () => {
    const message = { value: 'v', headers: { id: '1' } };
    const copy = propagateContext(message, trace.deleteSpan(ROOT_CONTEXT));
    expect(copy).toEqual(message);
    expect(copy).not.toBe(message);
    expect(isWrittenByPropagateContext(copy.headers)).toBe(false);
  });

  test('keeps the prototype of a class instance, even if there is nothing to write', () => {
    class Message {
      readonly #value = 'v';
      get value() {
        return this.#value;
      }
    }
    for (const active of [contextOf(span), ROOT_CONTEXT]) {
      const copy = propagateContext(new Message(), active);
      expect(copy).toBeInstanceOf(Message);
      expect(copy.value).toBe('v');
    }
  });
});
