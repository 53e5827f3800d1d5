import type { DiagLogger } from '@opentelemetry/api';
import { onceLog } from '../../../src/support/guard';

/** Creates a log that records its lines. */
function recordingLog() {
  const logged: unknown[][] = [];
  const note =
    (level: string) =>
    (...args: unknown[]) =>
      void logged.push([level, ...args]);
  const diag: DiagLogger = {
    error: note('error'),
    warn: note('warn'),
    info: note('info'),
    debug: note('debug'),
    verbose: note('verbose'),
  };
  return { logged, log: onceLog(() => diag) };
}

test('a warning is logged once per cause, whatever its text', () => {
  const { logged, log } = recordingLog();
  log.warn('pause orders', 'first');
  log.warn('pause orders', 'again');
  log.warn('pause bills', 'other');
  expect(logged).toEqual([
    ['warn', 'first'],
    ['warn', 'other'],
  ]);
});

test('a fault is logged once per place and message, with the error itself', () => {
  const { logged, log } = recordingLog();
  const error = new Error('broken');
  for (const [where, what] of [
    ['producerHook', error],
    ['producerHook', new Error('broken')],
    ['batchHook', error],
    ['producerHook', new Error('otherwise')],
  ] as const)
    log.fault(where, what);
  expect(logged.map(([level, words, what]) => [level, /"(\w+)"/.exec(String(words))?.[1], what])).toEqual([
    ['error', 'producerHook', error],
    ['error', 'batchHook', error],
    ['error', 'producerHook', new Error('otherwise')],
  ]);
  expect(logged[0]?.[2]).toBe(error);
});

test.each<[string, unknown]>([
  ['a string', 'broken'],
  ['undefined', undefined],
  ['an object without prototype', Object.create(null)],
  ['an error whose message cannot be read', Object.defineProperty(new Error(), 'message', { get: () => { throw new Error(); } })], // prettier-ignore
])('a fault may be %s', (_what, thrown) => {
  const { logged, log } = recordingLog();
  log.fault('producerHook', thrown);
  log.fault('producerHook', thrown);
  expect(logged).toHaveLength(1);
  expect(logged[0]?.[2]).toBe(thrown);
});

test('at most a hundred different faults are logged', () => {
  const { logged, log } = recordingLog();
  for (let count = 0; count < 500; count++) log.fault('send', new Error(`no ${count}`));
  log.warn('something else', 'is not logged either');
  expect(logged).toHaveLength(100);
});

test('the diag logger is looked up at the first message, so that one set later is used', () => {
  const lookUp = jest.fn(() => recordingLog() as never);
  onceLog(lookUp);
  expect(lookUp).not.toHaveBeenCalled();
});
