import { ROOT_CONTEXT, context, createContextKey } from '@opentelemetry/api';
import type { Runtime } from '../../../src/runtime';
import { callAround, callWithin } from '../../../src/core/operation';
import { useTracing } from './tracing';

const tracing = useTracing();

const KEY = createContextKey('within');
const FROZEN: Error = Object.freeze(new Error('frozen'));

/** An operation that notes how it ended. */
function noting() {
  const ended: unknown[][] = [];
  return {
    ended,
    context: ROOT_CONTEXT.setValue(KEY, 'active'),
    end: (result: unknown) => void ended.push(['end', result]),
    fail: (error: unknown) => void ended.push(['fail', error]),
  };
}

/** Both ways in which the program's functions are called, on a fresh operation. */
const CALLS: [
  string,
  <Result>(telemetry: Runtime, operation: ReturnType<typeof noting>, call: () => Result) => Result,
][] = [
  ['callWithin', (telemetry, operation, call) => callWithin(telemetry, () => operation, call)],
  ['callAround', (telemetry, operation, call) => callAround(telemetry, operation, call)],
];

/** What a promise came to, by identity. */
const outcomeOf = (promise: unknown) =>
  Promise.resolve(promise).then(
    value => ['resolved', value],
    (reason: unknown) => ['rejected', reason],
  );

describe.each(CALLS)('%s', (_name, around) => {
  const VALUES: [string, unknown][] = [
    ['an object', Object.freeze({})],
    ['undefined', undefined],
    ['null', null],
    ['false', false],
    ['a function', () => undefined],
  ];
  const REASONS: [string, unknown][] = [...VALUES, ['a frozen error', FROZEN], ['a string', 'text']];

  test.each(VALUES)('returns %s as it is, at once', (_what, value) => {
    const operation = noting();
    const call = jest.fn(() => value);
    expect(around(tracing.runtime(), operation, call)).toBe(value);
    expect(call).toHaveBeenCalledTimes(1);
    expect(operation.ended).toEqual([['end', value]]);
  });

  test.each(REASONS)('throws %s as it is, at once', (_what, reason) => {
    const operation = noting();
    const call = jest.fn(() => {
      throw reason;
    });
    const caught: unknown[] = [];
    try {
      around(tracing.runtime(), operation, call);
    } catch (thrown) {
      caught.push(thrown);
    }
    expect(caught).toHaveLength(1);
    expect(caught[0]).toBe(reason);
    expect(call).toHaveBeenCalledTimes(1);
    expect(operation.ended).toEqual([['fail', reason]]);
  });

  test.each(VALUES)('resolves to %s, and ends only then', async (_what, value) => {
    const operation = noting();
    const call = jest.fn(() => Promise.resolve(value));
    const promise = around(tracing.runtime(), operation, call);
    expect(operation.ended).toEqual([]);
    expect((await outcomeOf(promise))[1]).toBe(value);
    expect(call).toHaveBeenCalledTimes(1);
    expect(operation.ended).toEqual([['end', value]]);
  });

  test.each(REASONS)('rejects with %s, and fails only then', async (_what, reason) => {
    const operation = noting();
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what programs do
    const promise = around(tracing.runtime(), operation, () => Promise.reject(reason));
    expect(operation.ended).toEqual([]);
    const [how, what] = await outcomeOf(promise);
    expect(how).toBe('rejected');
    expect(what).toBe(reason);
    expect(operation.ended).toEqual([['fail', reason]]);
  });

  test('a thenable whose then returns nothing is waited for', async () => {
    const operation = noting();
    const thenable = { then: (resolve: (value: string) => void) => { queueMicrotask(() => { resolve('late'); }); } }; // prettier-ignore
    await expect(outcomeOf(around(tracing.runtime(), operation, () => thenable))).resolves.toEqual([
      'resolved',
      'late',
    ]);
    expect(operation.ended).toEqual([['end', 'late']]);
  });

  test('a lazy query is started once', async () => {
    const started = jest.fn((resolve: (rows: string) => void) => { resolve('rows'); }); // prettier-ignore
    const query = Object.assign(() => undefined, { then: started });
    await expect(outcomeOf(around(tracing.runtime(), noting(), () => query))).resolves.toEqual([
      'resolved',
      'rows',
    ]);
    expect(started).toHaveBeenCalledTimes(1);
  });

  test('a then that cannot be read rejects, as awaiting it does', async () => {
    const operation = noting();
    const broken = { get then(): never { throw FROZEN; } }; // prettier-ignore
    const [how, what] = await outcomeOf(around(tracing.runtime(), operation, () => broken));
    expect([how, what === FROZEN, operation.ended]).toEqual(['rejected', true, [['fail', FROZEN]]]);
  });

  test('settles one microtask later than the call itself', async () => {
    const order: string[] = [];
    const original = Promise.resolve();
    const wrapped = around(tracing.runtime(), noting(), () => original);
    const ticks = original
      .then(() => order.push('tick 1'))
      .then(() => order.push('tick 2'))
      .then(() => order.push('tick 3'));
    void wrapped.then(() => order.push('wrapped'));
    await ticks;
    expect(order).toEqual(['tick 1', 'wrapped', 'tick 2', 'tick 3']);
  });

  test('an operation that throws wherever it can is not felt', async () => {
    const broken = (): never => {
      throw new Error('ours');
    };
    const operation = { ...noting(), end: broken, fail: broken };
    expect(around(tracing.runtime(), operation, () => 'value')).toBe('value');
    expect(() => around(tracing.runtime(), operation, (): never => { throw FROZEN; })).toThrow(FROZEN); // prettier-ignore
    await expect(around(tracing.runtime(), operation, () => Promise.resolve('value'))).resolves.toBe(
      'value',
    );
    await expect(around(tracing.runtime(), operation, () => Promise.reject(FROZEN))).rejects.toBe(FROZEN);
    expect(tracing.logged).toEqual(Array.from({ length: 4 }, () => 'end: ours'));
  });

  test('a logger that throws too is not felt either', () => {
    const log = { warn: jest.fn(), fault: (): never => { throw new Error('log'); } }; // prettier-ignore
    const operation = { ...noting(), end: (): never => { throw new Error('ours'); } }; // prettier-ignore
    expect(around(tracing.runtime({}, { log }), operation, () => 'value')).toBe('value');
  });
});

describe('the context', () => {
  test("of the operation is active in the program's function, also after it has awaited, and not outside", async () => {
    const seen: unknown[] = [];
    const see = () => void seen.push(context.active().getValue(KEY));
    const done = callWithin(tracing.runtime(), noting, async () => {
      see();
      await Promise.resolve();
      see();
    });
    see();
    await done;
    see();
    expect(seen).toEqual(['active', undefined, 'active', undefined]);
  });

  test('of the caller stays active where kafkajs is called', () => {
    const active = callAround(tracing.runtime(), noting(), () => context.active());
    expect(active.getValue(KEY)).toBeUndefined();
  });

  test.each<[string, (call: () => unknown) => unknown]>([
    ['before it calls', () => { throw new Error('manager'); }], // prettier-ignore
    ['after it has called', call => { call(); throw new Error('manager'); }], // prettier-ignore
    ['silently', () => undefined],
  ])('manager that fails %s costs the program nothing', (_when, manager) => {
    const spy = jest
      .spyOn(context, 'with')
      .mockImplementation((_context, call) => manager(call as () => unknown) as never);
    try {
      const call = jest.fn(() => 'value');
      expect(callWithin(tracing.runtime(), noting, call)).toBe('value');
      expect(call).toHaveBeenCalledTimes(1);
    } finally {
      spy.mockRestore();
    }
  });
});

test.each<[string, () => undefined]>([
  ['is none', () => undefined],
  ['cannot be started', () => { throw new Error('ours'); }], // prettier-ignore
])('where there %s, it is a plain call', (_what, start) => {
  const promise = Promise.resolve();
  expect(callWithin(tracing.runtime(), start, () => promise)).toBe(promise);
  expect(() => callWithin(tracing.runtime(), start, (): never => { throw FROZEN; })).toThrow(FROZEN); // prettier-ignore
});
