import type { Run } from '../../fault-injection/run';
import { violations } from '../../fault-injection/verdict';

const spans = { started: 3, ended: 3, open: [] };
const run = (changes: Partial<Run> = {}): Run => ({
  outcomes: { send: ['resolved'] },
  delivered: { group: { acked: 2, missing: [], total: 3, most: 2 } },
  left: {},
  running: 0,
  figures: {},
  stderr: '',
  ...changes,
});
const ours = (changes: Partial<Run> = {}): Run => run({ spans, ...changes });
const delivered = (most: number, missing: string[] = []) => ({
  delivered: { group: { acked: 2, missing, total: 3, most } },
});

const judge = (bare: Run[], instrumented: Run[]) => violations({ bare, instrumented });

test('runs that came to the same are nothing to object to', () => {
  expect(judge([run()], [ours()])).toEqual([]);
});

test.each<[string, Run[], Run[], string]>([
  [
    'a lost message',
    [run()],
    [ours(delivered(1, ['a']))],
    'instrumented: group did not get 1 acknowledged messages, for example a',
  ],
  [
    'a lost message of a bare run',
    [run(delivered(1, ['a']))],
    [ours(delivered(1))],
    'bare: group did not get 1 acknowledged messages, for example a',
  ],
  [
    'a message too often',
    [run(), run()],
    [ours(), ours(delivered(3))],
    'group got a message 3 times; without instrumentation at most 2 times',
  ],
  [
    'another outcome',
    [run()],
    [ours({ outcomes: { send: ['rejected'] } })],
    'send: rejected; bare: resolved',
  ],
  ['an outcome that is missing', [run()], [ours({ outcomes: {} })], 'send: nothing; bare: resolved'],
  [
    'an open span',
    [run()],
    [ours({ spans: { started: 3, ended: 2, open: ['send'] } })],
    '1 spans open, 0 handlers running: send',
  ],
  [
    'a span that ended twice',
    [run()],
    [ours({ spans: { started: 3, ended: 4, open: [] } })],
    '3 spans started, 4 ended, 0 handlers running',
  ],
  ['no spans at all', [run()], [ours({ spans: { started: 0, ended: 0, open: [] } })], 'no spans'],
  ['a listener', [run()], [ours({ left: { exit: 1 } })], 'listeners left on process: {"exit":1}'],
  ['a client that lives on', [run()], [ours({ figures: { alive: 1 } })], 'alive: 1, more than 0'],
  [
    'memory',
    [run({ figures: { bytesPerCycle: 9 } })],
    [ours({ figures: { bytesPerCycle: 5000 } })],
    'bytesPerCycle: 5000, more than 4105',
  ],
  ['a complaint', [run()], [ours({ stderr: 'help\n' })], 'stderr: help'],
  ['a bad end', [run()], [ours({ failure: 'exited with code 1' })], 'instrumented: exited with code 1'],
  ['no run to compare with', [], [ours(delivered(0))], 'no bare run'],
])('%s is one', (_, bare, instrumented, violation) => {
  expect(judge(bare, instrumented)).toContain(violation);
});

test('what any of several bare runs came to is allowed', () => {
  const rejected = { outcomes: { send: ['rejected'] } };
  expect(judge([run(delivered(1)), run(rejected)], [ours(), ours(rejected)])).toEqual([]);
});

test('a handler that never settles may leave its span open, and only that', () => {
  const open = { started: 3, ended: 2, open: ['process'] };
  expect(judge([run({ running: 1 })], [ours({ running: 1, spans: open })])).toEqual([]);
  expect(judge([run({ running: 1 })], [ours({ running: 1 })])).toHaveLength(1);
});

test('a known maximum holds where a single bare run stays below it', () => {
  const compared = { bare: [run(delivered(1))], instrumented: [ours()] };
  expect(violations(compared)).toHaveLength(1);
  expect(violations({ ...compared, knownMost: 2 })).toEqual([]);
});
