import { diag } from '@opentelemetry/api';
import { readHeaders } from '../../../src/propagation/header-forms';
import type * as Extract from '../../../src/propagation/extract';
import { extractContext, originOf } from '../../../src/propagation/extract';
import { baggageIn, producer, traceparent, useTracing } from '../core/tracing';

useTracing();

const text = traceparent(producer('a'));
class Custom {
  traceparent = text;
}
const bytes = [...Buffer.from(text)];

test.each<[string, unknown]>([
  ['an object of Buffers, as kafkajs and Confluent have it', { traceparent: Buffer.from(text) }],
  ['an object of strings', { traceparent: text }],
  ['an object of byte arrays', { traceparent: bytes }],
  ['an object of Uint8Arrays', { traceparent: Uint8Array.from(bytes) }],
  ['an object that went through JSON', JSON.parse(JSON.stringify({ traceparent: Buffer.from(text) }))],
  ['a Map', new Map([['traceparent', Buffer.from(text)]])],
  ['a Map of Buffers by Buffers', new Map([[Buffer.from('traceparent'), Buffer.from(text)]])],
  ['an array of objects', [{ id: 'x' }, { traceparent: Buffer.from(text) }]],
  ['an array of byte arrays, as AWS Lambda has it', [{ id: [120] }, { traceparent: bytes }]],
  ['an array of pairs', [['traceparent', text]]],
  ['an instance of a class', new Custom()],
])('the trace context is read in headers that are %s', (_form, headers) => {
  expect(originOf(extractContext({ headers }))).toEqual(producer('a'));
});

test('baggage of a Lambda record is read too, in bytes that Java counts below zero', () => {
  const signed = [...Buffer.from('city=Köln')].map(byte => (byte > 127 ? byte - 256 : byte));
  const headers = [{ traceparent: bytes }, { baggage: signed }];
  expect(baggageIn(extractContext({ headers }))).toEqual({ city: 'Köln' });
});

test('of a header that repeats in an array, the last value is read', () => {
  const headers = [{ traceparent: [103] }, { traceparent: bytes }];
  expect(originOf(extractContext({ headers }))).toEqual(producer('a'));
  expect(readHeaders(headers)).toEqual({ traceparent: [Buffer.from('g'), Buffer.from(text)] });
});

test('a header may have the name of a property that all objects inherit', () => {
  const record = readHeaders([{ constructor: 'a' }, JSON.parse('{"__proto__":"b"}')]);
  expect(Object.entries(record ?? {})).toEqual([
    ['constructor', 'a'],
    ['__proto__', 'b'],
  ]);
});

/** Returns what a new copy of the module logs. A copy logs each cause only once. */
function loggedBy(work: (copy: typeof Extract) => void): string[] {
  const logged: string[] = [];
  const nothing = () => undefined;
  const log = (_namespace: string, ...[message]: unknown[]) => void logged.push(String(message));
  diag.setLogger({ verbose: nothing, debug: nothing, info: nothing, warn: log, error: log });
  try {
    jest.isolateModules(() => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      work(require('../../../src/propagation/extract') as typeof Extract);
    });
  } finally {
    diag.disable();
  }
  return logged;
}

const FORM = 'the headers of a message have an unknown form';
const MESSAGE = 'extractContext was called with a value that is not a message';
const VALUE = 'the header traceparent of a message is neither text nor bytes';

test.each<[string, unknown, string]>([
  ['headers that are text', { headers: text }, FORM],
  ['headers that are bytes', { headers: Buffer.from(text) }, FORM],
  ['an array of texts', { headers: ['traceparent', text] }, FORM],
  ['headers that hide their values', { headers: new Headers({ traceparent: text }) }, FORM],
  ['the headers without their message', { traceparent: text }, MESSAGE],
  ['text instead of a message', text, MESSAGE],
  ['a trace header that is an object', { headers: { traceparent: { stringValue: text } } }, VALUE],
  ['a trace header that is a number', { headers: new Map([['traceparent', 7]]) }, VALUE],
])('%s are said once', (_what, message, said) => {
  const logged = loggedBy(copy => {
    copy.extractContext(message);
    copy.extractContext(message);
  });
  expect(logged).toEqual([expect.stringContaining(said)]);
});

test.each<[string, unknown]>([
  ['no message', undefined],
  ['no headers', { value: 'v' }],
  ['null as headers', { headers: null }],
  ['empty headers', { headers: [] }],
  ['an empty trace header', { headers: { traceparent: null } }],
  ['other headers', { headers: { id: 7 } }],
])('%s are silent', (_what, message) => {
  expect(
    loggedBy(copy => {
      copy.extractContext(message);
    }),
  ).toEqual([]);
});
