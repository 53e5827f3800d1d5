import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type * as Package from '../../../src';
import * as original from '../../../src/support/shared-state';
import { PACKAGE_NAME } from '../../../src/support/version';

const { shared } = original;
const globals = globalThis as unknown as Record<symbol, unknown>;
const taken = () =>
  Object.getOwnPropertySymbols(globalThis).filter(({ description }) => description?.startsWith(PACKAGE_NAME));

test('every copy of the package in a process sees the same value', () => {
  const mine = shared('test', () => new WeakMap<object, string>());
  const owner = {};
  mine.set(owner, 'kept');

  jest.isolateModules(() => {
    const copy = jest.requireActual<typeof original>('../../../src/support/shared-state');
    expect(copy.shared).not.toBe(shared);
    expect(copy.shared('test', () => new WeakMap<object, string>()).get(owner)).toBe('kept');
    expect(copy.shared('other', () => new WeakMap<object, string>())).not.toBe(mine);
  });
});

test('a value that a copy of another kind has put there is left alone, and not used', () => {
  const map = shared('kind', () => new WeakMap<object, string>());
  const set = shared('kind', () => new WeakSet());
  expect([map instanceof WeakMap, set instanceof WeakSet]).toEqual([true, true]);
  expect(shared('kind', () => new WeakMap<object, string>())).toBe(map);
});

test.each<[string, unknown]>([
  ['an object', {}],
  ['null', null],
  ['a text', 'v'],
  ['a Map', new Map()],
  ['one whose methods throw', { get: () => { throw new Error('theirs'); } }], // prettier-ignore
])('where something foreign stands under our symbols, %s, the package works', (_what, foreign) => {
  jest.isolateModules(() => {
    jest.requireActual('../../../src');
  });
  const symbols = taken();
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
});

test('our symbols name a version of what stands under them, and are not listed', () => {
  expect(taken().map(String).filter(name => !/\.v\d+\)$/.test(name))).toEqual([]); // prettier-ignore
  expect(taken().some(symbol => Object.prototype.propertyIsEnumerable.call(globalThis, symbol))).toBe(false);
});

test('the package loads and works where nothing can be added to the global object', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--require', 'tsx/cjs', 'fixtures/lifecycle/fixed-global.cjs'],
    { cwd: join(__dirname, '../../..') },
  );
  expect({ stdout, stderr }).toEqual({ stdout: 'ran\n', stderr: '' });
});
