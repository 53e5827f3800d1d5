import type { DiagLogger } from '@opentelemetry/api';
import { onceLog } from '../../../src/support/guard';

/** A log, and what it has said so far. */
function recordingLog() {
  const said: unknown[][] = [];
  const note =
    (level: string) =>
    (...words: unknown[]) =>
      void said.push([level, ...words]);
  const diag: DiagLogger = {
    error: note('error'),
    warn: note('warn'),
    info: note('info'),
    debug: note('debug'),
    verbose: note('verbose'),
  };
  return { said, log: onceLog(() => diag) };
}

test('a warning is said once per cause, whatever its words', () => {
  const { said, log } = recordingLog();
  log.warn('pause orders', 'first');
  log.warn('pause orders', 'again');
  log.warn('pause bills', 'other');
  expect(said).toEqual([
    ['warn', 'first'],
    ['warn', 'other'],
  ]);
});

test('a fault is said once per place and message, with the error itself', () => {
  const { said, log } = recordingLog();
  const error = new Error('broken');
  for (const [where, what] of [
    ['producerHook', error],
    ['producerHook', new Error('broken')],
    ['batchHook', error],
    ['producerHook', new Error('otherwise')],
  ] as const)
    log.fault(where, what);
  expect(said.map(([level, words, what]) => [level, String(words).split(' ')[0], what])).toEqual([
    ['error', 'producerHook', error],
    ['error', 'batchHook', error],
    ['error', 'producerHook', new Error('otherwise')],
  ]);
  expect(said[0]?.[2]).toBe(error);
});

test.each<[string, unknown]>([
  ['a string', 'broken'],
  ['undefined', undefined],
  ['an object without prototype', Object.create(null)],
  ['an error whose message cannot be read', Object.defineProperty(new Error(), 'message', { get: () => { throw new Error(); } })], // prettier-ignore
])('a fault may be %s', (_what, thrown) => {
  const { said, log } = recordingLog();
  log.fault('producerHook', thrown);
  log.fault('producerHook', thrown);
  expect(said).toHaveLength(1);
  expect(said[0]?.[2]).toBe(thrown);
});

test('a storm of distinct faults ends after a hundred lines', () => {
  const { said, log } = recordingLog();
  for (let count = 0; count < 500; count++) log.fault('send', new Error(`no ${count}`));
  log.warn('something else', 'is not said either');
  expect(said).toHaveLength(100);
});

test('the logger is asked for when there is something to say, so that one set later is used', () => {
  const asked = jest.fn(() => recordingLog() as never);
  onceLog(asked);
  expect(asked).not.toHaveBeenCalled();
});
