import type { ReceivedSpan } from '../../support/otlp';
import { comparableSpans, duration, expectSpans } from '../../support/spans';
import { receivedLink, receivedSpan as span } from './received';

const link = (traceId: string, spanId: string) => receivedLink(traceId, spanId, { 'a.b': 1 });

test('parents and links are shown as labels of their spans', () => {
  const child = span('child', { parentSpanId: 'root', links: [link('trace', 'root')] });
  expectSpans([child, span('root')]).toEqual({
    root: { kind: 'INTERNAL' },
    child: { kind: 'INTERNAL', parent: 'root', links: [{ to: 'root', attributes: { 'a.b': 1 } }] },
  });
});

test('a span id counts only within its own trace', () => {
  const other = span('child', { traceId: 'other', parentSpanId: 'root', links: [link('other', 'root')] });
  const { child } = comparableSpans([span('root'), other]);
  expect([child?.parent, child?.links[0]?.to]).toEqual(['not exported', 'not exported']);
});

test('a span context from another source can be given a label', () => {
  const { child } = comparableSpans([span('child', { parentSpanId: 'far' })], {
    known: { 'trace-far': 'outbox' },
  });
  expect(child?.parent).toBe('outbox');
});

test('spans with the same label are numbered in order of their start, in any order of arrival', () => {
  const late = span('late', { name: 'process', start: 2n });
  const early = span('early', { name: 'process', start: 1n, kind: 'CONSUMER' });
  expectSpans([late, early]).toEqual({
    'process #1': { name: 'process', kind: 'CONSUMER' },
    'process #2': { name: 'process', kind: 'INTERNAL' },
  });
});

test.each<[string, Partial<ReceivedSpan>]>([
  ['an attribute', { attributes: { more: true } }],
  ['a link', { links: [link('trace', 'x')] }],
  ['an event', { events: [{ name: 'e', time: 0n, attributes: {} }] }],
  ['a status', { status: { code: 'ERROR', message: '' } }],
  ['a parent', { parentSpanId: 'x' }],
])('%s that is not expected fails the comparison', (_, rest) => {
  expect(() => {
    expectSpans([span('a', rest)]).toEqual({ a: { kind: 'INTERNAL' } });
  }).toThrow();
});

test('the comparison fails for an extra or a missing span', () => {
  expect(() => {
    expectSpans([span('a'), span('b')]).toEqual({ a: { kind: 'INTERNAL' } });
  }).toThrow();
  expect(() => {
    expectSpans([]).toEqual({ a: { kind: 'INTERNAL' } });
  }).toThrow();
});

test('a duration is in milliseconds', () => {
  expect(duration(span('a', { start: 1_000_000n, end: 3_500_000n }))).toBe(2.5);
});
