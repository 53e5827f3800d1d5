import { diag } from '@opentelemetry/api';
import { logToStderr, toOneLine } from '../../../src/register/logging';
import { PACKAGE_NAME } from '../../../src/support/version';

test('an error is its message, with its code', () => {
  const refused = Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' });
  expect(toOneLine(refused)).toBe('connect failed (ECONNREFUSED)');
});

test('an error without a message is its name and code', () => {
  expect(toOneLine(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe(
    'AggregateError (ECONNREFUSED)',
  );
});

test('the JSON that the SDK makes of an error is read back', () => {
  const json = JSON.stringify({
    stack: 'Error: no\n    at x',
    message: 'no such host',
    name: 'Error',
    code: 'ENOTFOUND',
  });
  expect(toOneLine(json)).toBe('no such host (ENOTFOUND)');
});

test('a stack is cut to its message, and other text is joined to one line', () => {
  expect(toOneLine('Error: twice registered\n    at a (b.js:1:2)\n    at c (d.js:3:4)')).toBe(
    'Error: twice registered',
  );
  expect(toOneLine('first\n  second')).toBe('first second');
});

test('anything else is logged unchanged, even a value that cannot be JSON', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  expect([{ module: 'pg' }, 7, null, undefined, '{broken', cycle].map(toOneLine)).toEqual([
    '{"module":"pg"}',
    '7',
    'null',
    'undefined',
    '{broken',
    '[object Object]',
  ]);
});

describe('a line on stderr', () => {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
    jest.spyOn(process.stderr, 'write').mockImplementation(text => lines.push(String(text)) > 0);
    logToStderr({});
  });
  afterEach(() => {
    diag.disable();
    jest.restoreAllMocks();
  });

  test('does not repeat the name of this package before the message', () => {
    diag.createComponentLogger({ namespace: PACKAGE_NAME }).warn('kafkajs was loaded before');
    expect(lines).toEqual(['kafka-otel: warning: kafkajs was loaded before\n']);
  });

  test('keeps the names of other packages', () => {
    diag.createComponentLogger({ namespace: '@opentelemetry/instrumentation-http' }).error('no span');
    expect(lines).toEqual(['kafka-otel: error: @opentelemetry/instrumentation-http no span\n']);
  });
});
