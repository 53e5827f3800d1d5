import { trace } from '@opentelemetry/api';
import { kafkaJsErrors } from '../../../src/clients/kafkajs/client';
import { errorType, failSpan } from '../../../src/core/errors';
import { onceLog } from '../../../src/support/guard';
import { useTracing } from '../core/tracing';
import { counted, expectPrototypeUntouched, kept, megabytes, unreadable, untouchable } from './things';

const tracing = useTracing();

/** Maximum number of property reads for one thrown object. */
const MAX_READS = 60;
/** Maximum length of each text of an error. */
const MAX_TEXT = 16_384;

function cyclic(length: number): Error {
  const { stackTraceLimit } = Error;
  // Stack traces would take most of the time of this test.
  Error.stackTraceLimit = 0;
  const first = Object.assign(new Error('first'), { name: 'KafkaJSError' });
  let last: Error = first;
  for (let count = 1; count < length; count++)
    last = last.cause = Object.assign(new Error(String(count)), { name: 'KafkaJSError' });
  last.cause = first;
  Error.stackTraceLimit = stackTraceLimit;
  return first;
}

/** Creates an error that returns a new cause at each read. */
const bottomless = (): Error =>
  Object.defineProperty(Object.assign(new Error('m'), { name: 'KafkaJSError' }), 'cause', {
    get: bottomless,
  });

const HOSTILE: readonly (readonly [string, () => unknown])[] = [
  ['an error that is its own cause', () => cyclic(1)],
  ['causes in a circle of three', () => cyclic(3)],
  ['causes in a circle of a hundred thousand', () => cyclic(100_000)],
  ['endless causes', bottomless],
  ...['name', 'message', 'code', 'type', 'cause', 'originalError', 'stack', 'constructor'].map(
    property => [`an error whose ${property} cannot be read`, () => unreadable(property)] as const,
  ),
  [
    'a Kafka error whose cause cannot be read',
    () => Object.assign(unreadable('cause'), { name: 'KafkaJSError' }),
  ],
  ['a Proxy whose traps all throw', untouchable],
  ['an error whose cause is such a Proxy', () => Object.assign(cyclic(1), { cause: untouchable() })],
  [
    'a function that cannot be converted to a string',
    () => Object.assign(() => undefined, { toString: untouchable }),
  ],
  ['a class whose name cannot be read', () => ({ constructor: untouchable() })],
  ['a message of two megabytes', () => new Error(megabytes(2))],
  ['a stack of two megabytes', () => Object.assign(new Error('m'), { stack: megabytes(2) })],
  ['a name of two megabytes', () => Object.assign(new Error('m'), { name: megabytes(2) })],
  ['a code of two megabytes', () => Object.assign(new Error('m'), { code: `E${megabytes(2, 'X')}` })],
  ['a type of two megabytes', () => Object.assign(cyclic(1), { type: megabytes(2, 'X') })],
  ['a thrown string of two megabytes', () => megabytes(2)],
  ['an error named `__proto__`', () => Object.assign(new Error('m'), { name: '__proto__' })],
  ['a code that all objects inherit', () => Object.assign(new Error('m'), { code: 'constructor' })],
];

function failed(thrown: unknown) {
  const span = trace.getTracer('test').startSpan('s');
  failSpan(tracing.runtime(), span, undefined, thrown, kafkaJsErrors);
  span.end();
  return tracing.spans();
}

/** Returns all texts in a span. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

test.each(HOSTILE)('%s makes a failed span of bounded size', (_what, make) => {
  const spans = failed(make());
  expect(spans).toMatchObject([{ status: { code: 'ERROR' }, events: [{ name: 'exception' }] }]);
  expect(Math.max(...textsIn(spans).map(text => text.length))).toBeLessThanOrEqual(MAX_TEXT);
  expect(String(spans[0]?.attributes['error.type']).length).toBeLessThanOrEqual(100);
  expectPrototypeUntouched();
});

test.each(HOSTILE)('%s is read a bounded number of times', (_what, make) => {
  const thrown = make();
  if (typeof thrown !== 'object' || thrown === null) return;
  const { seen, reads } = counted(thrown);
  failed(seen);
  expect(reads()).toBeLessThan(MAX_READS);
});

test('a long message keeps its beginning, and is not cut within a surrogate pair', () => {
  const [span] = failed(new Error(`${'x'.repeat(MAX_TEXT - 1)}😀 and more`));
  expect(span?.status.message).toBe('x'.repeat(MAX_TEXT - 1));
});

test('the texts of an ordinary error are complete', () => {
  const error = new Error('y'.repeat(4000));
  const [span] = failed(error);
  expect(span?.status.message).toBe(error.message);
  expect(span?.events[0]?.attributes).toMatchObject({ 'exception.stacktrace': error.stack });
});

test('a code or a type that is longer than any real one is ignored', () => {
  expect(errorType(Object.assign(new TypeError('m'), { code: `E${'X'.repeat(200)}` }), kafkaJsErrors)).toBe(
    'TypeError',
  );
  expect(errorType({ name: 'KafkaJSError', type: 'X'.repeat(200) }, kafkaJsErrors)).toBe('KafkaJSError');
});

test('of faults with long texts only the beginning is kept in memory', () => {
  let logged = 0;
  const note = () => {
    logged++;
  };
  const log = onceLog(() => ({ error: note, warn: note, info: note, debug: note, verbose: note }));
  const before = kept();
  for (let count = 0; count < 30; count++) log.fault('hook', new Error(`${count} ${megabytes(1)}`));
  expect(kept() - before).toBeLessThan(8);
  log.fault('hook', new Error(`0 ${megabytes(1)}`));
  expect(logged).toBe(30);
});
