import { ROOT_CONTEXT } from '@opentelemetry/api';
import { kafkaJsMessages } from '../../../src/clients/kafkajs/client';
import { extractContext } from '../../../src/propagation/extract';
import { keptContexts, propagateContext } from '../../../src/propagation/inject';
import { batchOf, deliver, deliverBatch } from '../core/consuming';
import { baggageIn, producer, traceparent, useTracing } from '../core/tracing';
import { expectPrototypeUntouched, megabytes } from './things';

const tracing = useTracing();

afterEach(expectPrototypeUntouched);

const valid = Buffer.from(traceparent(producer('a')));
const baggageOf = (entries: number, value: string) =>
  Buffer.from(Array.from({ length: entries }, (_, index) => `k${index}=${value}`).join(','));

/** Header values that contain no valid context. */
const WORTHLESS: readonly (readonly [string, unknown])[] = [
  ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0xc3])],
  ['ten megabytes of text', Buffer.from(megabytes(10))],
  ['ten megabytes of bytes', Buffer.alloc(10 * 1024 * 1024, 0xff)],
  ['a valid one with ten megabytes behind it', Buffer.concat([valid, Buffer.from(megabytes(10))])],
  ['a valid one, and another value after it', [valid, Buffer.from('garbage')]],
  ['no values', []],
  ['values within values', [[[valid]]]],
  ['100,000 values', Array.from({ length: 100_000 }, () => Buffer.from('v'))],
  ['null', null],
  ['a number', 7],
  ['an object', { toString: () => String(valid) }],
  ['a function', () => valid],
  ['a symbol', Symbol('s')],
  ['a string object', Object('v')],
  ['bytes that are no Buffer', new Uint8Array(valid)],
];

describe.each(WORTHLESS)('a traceparent that is %s', (_what, value) => {
  const message = { offset: '0', value: Buffer.from('v'), headers: { traceparent: value } };

  test('makes spans without parent and links, alone and in a batch', () => {
    deliver(tracing.runtime(), message, () => undefined);
    deliverBatch(tracing.runtime(), batchOf([message]), () => undefined);
    expect(tracing.spans()).toMatchObject([
      { parent: undefined, links: [], status: { code: 'UNSET' } },
      { parent: undefined, links: [], status: { code: 'UNSET' } },
    ]);
    expect(tracing.logged).toEqual([]);
  });

  test('is not kept when the message is forwarded', () => {
    expect(keptContexts(kafkaJsMessages, [message], 'auto', ROOT_CONTEXT)).toBeUndefined();
    expect(propagateContext(message, ROOT_CONTEXT).headers).toEqual(message.headers);
  });
});

test.each([
  ['headers', undefined],
  ['headers', null],
  ['headers', 'traceparent'],
  ['headers', [valid]],
  ['headers', valid],
  ['headers', [[[valid]]]],
  ['headers', new Map([[valid, 'traceparent']])],
  ['headers', [null, 'traceparent']],
])('%s that are %p hold no context', (name, headers) => {
  expect(extractContext({ [name]: headers }, ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
});

describe('baggage', () => {
  const headers = (baggage: Buffer) => ({ traceparent: valid, baggage });

  test('of 8 kB is complete', () => {
    const context = extractContext({ headers: headers(baggageOf(80, 'v'.repeat(90))) }, ROOT_CONTEXT);
    expect(Object.keys(baggageIn(context))).toHaveLength(80);
  });

  test('of 64 kB is cut to the limit of W3C', () => {
    const context = extractContext({ headers: headers(baggageOf(600, 'v'.repeat(90))) }, ROOT_CONTEXT);
    const bytes = Object.entries(baggageIn(context)).flat().join('').length;
    expect(bytes).toBeGreaterThan(7000);
    expect(bytes).toBeLessThanOrEqual(8192);
  });

  test('of ten megabytes is ignored, and the trace continues', () => {
    const huge = headers(baggageOf(1_000_000, 'v'));
    expect(deliver(tracing.runtime(), { offset: '0', headers: huge }, baggageIn)).toEqual({});
    expect(tracing.spans()).toMatchObject([{ parent: producer('a').spanId }]);
  });

  test('with keys that all objects inherit pollutes no prototype', () => {
    const context = extractContext(
      { headers: headers(Buffer.from('__proto__=x,constructor=y,toString=z,prototype=p')) },
      ROOT_CONTEXT,
    );
    expect(baggageIn(context)).toMatchObject({ prototype: 'p' });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

test('of a header in two thousand spellings the exact one is read', () => {
  const spellings = Object.fromEntries(
    Array.from({ length: 2 ** 11 }, (_, bits) => [
      'traceparent'.replace(/./g, (letter, at: number) => ((bits >> at) & 1 ? letter.toUpperCase() : letter)),
      Buffer.from(bits === 0 ? valid : 'garbage'),
    ]),
  );
  deliver(tracing.runtime(), { offset: '0', headers: spellings }, () => undefined);
  expect(tracing.spans()).toMatchObject([{ parent: producer('a').spanId }]);
});
