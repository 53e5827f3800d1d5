import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type * as Package from '../../../src';
import * as original from '../../../src/support/shared-state';
import { PACKAGE_NAME } from '../../../src/support/version';

const { sharedState } = original;
const globals = globalThis as unknown as Record<symbol, unknown>;
const ownSymbols = () =>
  Object.getOwnPropertySymbols(globalThis).filter(({ description }) => description?.startsWith(PACKAGE_NAME));

test('every copy of the package in a process sees the same value', () => {
  const mine = sharedState('test', () => new WeakMap<object, string>());
  const owner = {};
  mine.set(owner, 'kept');

  jest.isolateModules(() => {
    const copy = jest.requireActual<typeof original>('../../../src/support/shared-state');
    expect(copy.sharedState).not.toBe(sharedState);
    expect(copy.sharedState('test', () => new WeakMap<object, string>()).get(owner)).toBe('kept');
    expect(copy.sharedState('other', () => new WeakMap<object, string>())).not.toBe(mine);
  });
});

test('a shared value of another type is neither used nor changed', () => {
  const map = sharedState('kind', () => new WeakMap<object, string>());
  const set = sharedState('kind', () => new WeakSet());
  expect([map instanceof WeakMap, set instanceof WeakSet]).toEqual([true, true]);
  expect(sharedState('kind', () => new WeakMap<object, string>())).toBe(map);
});

test.each<[string, unknown]>([
  ['an object', {}],
  ['null', null],
  ['a string', 'v'],
  ['a Map', new Map()],
  ['one whose methods throw', { get: () => { throw new Error('theirs'); } }], // prettier-ignore
])(
  'the package works if the global object holds something foreign under our symbols: %s',
  (_what, foreign) => {
    jest.isolateModules(() => {
      jest.requireActual('../../../src');
    });
    const symbols = ownSymbols();
    expect(symbols.length).toBeGreaterThan(0);
    const before = symbols.map(symbol => [symbol, globals[symbol]] as const);
    for (const symbol of symbols) globals[symbol] = foreign;
    try {
      jest.isolateModules(() => {
        const { KafkaJsInstrumentation, propagateContext, withMessageSpan } =
          jest.requireActual<typeof Package>('../../../src');
        const message = propagateContext({ value: 'v' });
        expect(withMessageSpan({}, message, () => 'ran')).toBe('ran');
        class Kafka {
          producer() {
            return { send: () => 'sent' };
          }
          consumer() {
            return {};
          }
        }
        new KafkaJsInstrumentation().instrumentModule({ Kafka });
        expect(new Kafka().producer().send()).toBe('sent');
      });
      for (const symbol of symbols) expect(globals[symbol]).toBe(foreign);
    } finally {
      for (const [symbol, value] of before) globals[symbol] = value;
    }
  },
);

test('our symbols have a version, and are not enumerable', () => {
  expect(ownSymbols().map(String).filter(name => !/\.v\d+\)$/.test(name))).toEqual([]); // prettier-ignore
  expect(ownSymbols().some(symbol => Object.prototype.propertyIsEnumerable.call(globalThis, symbol))).toBe(
    false,
  );
});

test('the package loads and works if the global object cannot be extended', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--require', 'tsx/cjs', 'fixtures/lifecycle/fixed-global.cjs'],
    { cwd: join(__dirname, '../../..') },
  );
  expect({ stdout, stderr }).toEqual({ stdout: 'ran\n', stderr: '' });
});
