import { ROOT_CONTEXT } from '@opentelemetry/api';
import { extractFrom } from '../../../src/propagation/extract';
import { propagateContext } from '../../../src/propagation/inject';
import { keptContexts } from '../../../src/propagation/existing';
import { startBatch } from '../../../src/core/batch';
import { startMessage } from '../../../src/core/process';
import { baggageIn, client, producer, traceparent, useTracing } from '../core/tracing';
import { expectPrototypeUntouched, megabytes } from './things';

const tracing = useTracing();

afterEach(expectPrototypeUntouched);

const valid = Buffer.from(traceparent(producer('a')));
const baggageOf = (entries: number, value: string) =>
  Buffer.from(Array.from({ length: entries }, (_, index) => `k${index}=${value}`).join(','));

/** What a stranger's headers may be, none of which is a valid context. */
const WORTHLESS: readonly (readonly [string, unknown])[] = [
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0xc3])],
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

  test('starts a trace of its own, alone and in a batch', () => {
    startMessage(tracing.runtime(), client, { topic: 'orders', partition: 0, message }).end();
    startBatch(tracing.runtime(), client, { topic: 'orders', partition: 0, messages: [message] })?.end();
    expect(tracing.spans()).toMatchObject([
      { parent: undefined, links: [], status: { code: 'UNSET' } },
      { parent: undefined, links: [], status: { code: 'UNSET' } },
    ]);
    expect(tracing.logged).toEqual([]);
  });

  test('is never kept where a message is forwarded', () => {
    expect(keptContexts([message], 'auto', ROOT_CONTEXT)).toBeUndefined();
    expect(propagateContext(message, ROOT_CONTEXT).headers).toEqual(message.headers);
  });
});

test.each([
  ['headers', undefined],
  ['headers', null],
  ['headers', 'traceparent'],
  ['headers', [valid]],
  ['headers', new Map([['traceparent', valid]])],
])('%s that are %p hold no context', (name, headers) => {
  expect(extractFrom({ [name]: headers }, ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
});

describe('baggage', () => {
  const headers = (baggage: Buffer) => ({ traceparent: valid, baggage });

  test('of 8 kB arrives whole', () => {
    const context = extractFrom({ headers: headers(baggageOf(80, 'v'.repeat(90))) }, ROOT_CONTEXT);
    expect(Object.keys(baggageIn(context))).toHaveLength(80);
  });

  test('of 64 kB costs the consumer what W3C lets it have, and no more', () => {
    const context = extractFrom({ headers: headers(baggageOf(600, 'v'.repeat(90))) }, ROOT_CONTEXT);
    const bytes = Object.entries(baggageIn(context)).flat().join('').length;
    expect(bytes).toBeGreaterThan(7000);
    expect(bytes).toBeLessThanOrEqual(8192);
  });

  test('of ten megabytes is as good as none, and leaves the trace alone', () => {
    const huge = headers(baggageOf(1_000_000, 'v'));
    const operation = startMessage(tracing.runtime(), client, {
      topic: 'orders',
      partition: 0,
      message: { offset: '0', ...{ headers: huge } },
    });
    expect(baggageIn(operation.context)).toEqual({});
    operation.end();
    expect(tracing.spans()).toMatchObject([{ parent: producer('a').spanId }]);
  });

  test('whose keys are those of every object pollutes nothing', () => {
    const context = extractFrom(
      { headers: headers(Buffer.from('__proto__=x,constructor=y,toString=z,prototype=p')) },
      ROOT_CONTEXT,
    );
    expect(baggageIn(context)).toMatchObject({ prototype: 'p' });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

test('of a header in three thousand spellings one is read', () => {
  const spellings = Object.fromEntries(
    Array.from({ length: 2 ** 11 }, (_, bits) => [
      'traceparent'.replace(/./g, (letter, at: number) => ((bits >> at) & 1 ? letter.toUpperCase() : letter)),
      Buffer.from(bits === 0 ? valid : 'garbage'),
    ]),
  );
  startMessage(tracing.runtime(), client, {
    topic: 'orders',
    partition: 0,
    message: { offset: '0', ...{ headers: spellings } },
  }).end();
  expect(tracing.spans()).toMatchObject([{ parent: producer('a').spanId }]);
});
