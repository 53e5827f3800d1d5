import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT_CONTEXT, context, createContextKey } from '@opentelemetry/api';
import { composeOperations, runAround, runInside } from '../../../src/core/operation';
import type { Runtime } from '../../../src/runtime';
import { useTracing } from './tracing';

const tracing = useTracing();

const KEY = createContextKey('operation');
const FROZEN: Error = Object.freeze(new Error('frozen'));

/** An operation that records how it ended. */
function recordingOperation() {
  const ended: unknown[][] = [];
  return {
    ended,
    context: ROOT_CONTEXT.setValue(KEY, 'active'),
    end: (result: unknown) => void ended.push(['end', result]),
    fail: (error: unknown) => void ended.push(['fail', error]),
  };
}

type RecordingOperation = ReturnType<typeof recordingOperation>;

const CALLS: [
  string,
  <Result>(runtime: Runtime, operation: RecordingOperation, call: () => Result) => Result,
][] = [
  ['runInside', runInside],
  ['runAround', runAround],
];

/** Returns how a promise settled, with the same value or reason. */
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

  test.each(VALUES)('returns %s unchanged, synchronously', (_what, value) => {
    const operation = recordingOperation();
    const call = jest.fn(() => value);
    expect(around(tracing.runtime(), operation, call)).toBe(value);
    expect(call).toHaveBeenCalledTimes(1);
    expect(operation.ended).toEqual([['end', value]]);
  });

  test.each(REASONS)('throws %s unchanged, synchronously', (_what, reason) => {
    const operation = recordingOperation();
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

  test.each(VALUES)('resolves to %s, and ends the operation then', async (_what, value) => {
    const operation = recordingOperation();
    const call = jest.fn(() => Promise.resolve(value));
    const promise = around(tracing.runtime(), operation, call);
    expect(operation.ended).toEqual([]);
    expect((await outcomeOf(promise))[1]).toBe(value);
    expect(call).toHaveBeenCalledTimes(1);
    expect(operation.ended).toEqual([['end', value]]);
  });

  test.each(REASONS)('rejects with %s, and fails the operation then', async (_what, reason) => {
    const operation = recordingOperation();
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what programs do
    const promise = around(tracing.runtime(), operation, () => Promise.reject(reason));
    expect(operation.ended).toEqual([]);
    const [how, what] = await outcomeOf(promise);
    expect(how).toBe('rejected');
    expect(what).toBe(reason);
    expect(operation.ended).toEqual([['fail', reason]]);
  });

  test('waits for a thenable whose `then` returns nothing', async () => {
    const operation = recordingOperation();
    const thenable = { then: (resolve: (value: string) => void) => { queueMicrotask(() => { resolve('late'); }); } }; // prettier-ignore
    await expect(outcomeOf(around(tracing.runtime(), operation, () => thenable))).resolves.toEqual([
      'resolved',
      'late',
    ]);
    expect(operation.ended).toEqual([['end', 'late']]);
  });

  test('starts a lazy query once', async () => {
    const started = jest.fn((resolve: (rows: string) => void) => { resolve('rows'); }); // prettier-ignore
    const query = Object.assign(() => undefined, { then: started });
    await expect(outcomeOf(around(tracing.runtime(), recordingOperation(), () => query))).resolves.toEqual([
      'resolved',
      'rows',
    ]);
    expect(started).toHaveBeenCalledTimes(1);
  });

  test('rejects for a `then` that cannot be read, as `await` does', async () => {
    const operation = recordingOperation();
    const broken = { get then(): never { throw FROZEN; } }; // prettier-ignore
    const [how, what] = await outcomeOf(around(tracing.runtime(), operation, () => broken));
    expect([how, what === FROZEN, operation.ended]).toEqual(['rejected', true, [['fail', FROZEN]]]);
  });

  test('settles one microtask later than the call itself', async () => {
    const order: string[] = [];
    const original = Promise.resolve();
    const wrapped = around(tracing.runtime(), recordingOperation(), () => original);
    const ticks = original
      .then(() => order.push('tick 1'))
      .then(() => order.push('tick 2'))
      .then(() => order.push('tick 3'));
    void wrapped.then(() => order.push('wrapped'));
    await ticks;
    expect(order).toEqual(['tick 1', 'wrapped', 'tick 2', 'tick 3']);
  });

  test('an operation that throws does not affect the call', async () => {
    const broken = (): never => {
      throw new Error('ours');
    };
    const operation = { ...recordingOperation(), end: broken, fail: broken };
    expect(around(tracing.runtime(), operation, () => 'value')).toBe('value');
    expect(() => around(tracing.runtime(), operation, (): never => { throw FROZEN; })).toThrow(FROZEN); // prettier-ignore
    await expect(around(tracing.runtime(), operation, () => Promise.resolve('value'))).resolves.toBe('value');
    await expect(around(tracing.runtime(), operation, () => Promise.reject(FROZEN))).rejects.toBe(FROZEN);
    expect(tracing.logged).toEqual(Array.from({ length: 4 }, () => 'end: ours'));
  });

  test('an operation and a logger that both throw do not affect the call', () => {
    const log = { warn: jest.fn(), fault: (): never => { throw new Error('log'); } }; // prettier-ignore
    const operation = { ...recordingOperation(), end: (): never => { throw new Error('ours'); } }; // prettier-ignore
    expect(around(tracing.runtime({}, { log }), operation, () => 'value')).toBe('value');
  });
});

describe('the context', () => {
  test('of the operation is active in the function, even after an await, and not outside', async () => {
    const seen: unknown[] = [];
    const see = () => void seen.push(context.active().getValue(KEY));
    const done = runInside(tracing.runtime(), recordingOperation(), async () => {
      see();
      await Promise.resolve();
      see();
    });
    see();
    await done;
    see();
    expect(seen).toEqual(['active', undefined, 'active', undefined]);
  });

  test('of the caller stays active when the client library is called', () => {
    const active = runAround(tracing.runtime(), recordingOperation(), () => context.active());
    expect(active.getValue(KEY)).toBeUndefined();
  });

  test('of the caller stays active if the operation has none', () => {
    const operation = { ...recordingOperation(), context: undefined };
    const active = runInside(tracing.runtime(), operation, () => context.active());
    expect(active.getValue(KEY)).toBeUndefined();
  });

  test.each<[string, (call: () => unknown) => unknown]>([
    ['throws before it calls', () => { throw new Error('manager'); }], // prettier-ignore
    ['throws after it has called', call => { call(); throw new Error('manager'); }], // prettier-ignore
    ['does not call', () => undefined],
  ])('manager that %s does not affect the call', (_when, manager) => {
    const spy = jest
      .spyOn(context, 'with')
      .mockImplementation((_context, call) => manager(call as () => unknown) as never);
    try {
      const call = jest.fn(() => 'value');
      expect(runInside(tracing.runtime(), recordingOperation(), call)).toBe('value');
      expect(call).toHaveBeenCalledTimes(1);
    } finally {
      spy.mockRestore();
    }
  });
});

describe('composed operations', () => {
  const broken = {
    end: (): never => { throw new Error('ours'); }, // prettier-ignore
    fail: (): never => { throw new Error('ours'); }, // prettier-ignore
  };

  test('all end, even if one of them throws or is missing', () => {
    const last = recordingOperation();
    const composed = composeOperations(tracing.runtime(), [undefined, broken, last]);
    composed.end('value');
    composed.fail(FROZEN);
    expect(last.ended).toEqual([
      ['end', 'value'],
      ['fail', FROZEN],
    ]);
    expect(tracing.logged).toEqual(['end: ours', 'end: ours']);
  });

  test('have the first context', () => {
    const { context: active } = composeOperations(tracing.runtime(), [
      undefined,
      broken,
      recordingOperation(),
    ]);
    expect(active?.getValue(KEY)).toBe('active');
    expect(composeOperations(tracing.runtime(), [broken]).context).toBeUndefined();
  });
});

/** Runs a separate program, because jest handles unhandled rejections itself. */
async function unhandledRejectionsOf(statements: string): Promise<string[]> {
  const program = `
    const { runAround, runInside } = require('./src/core/operation.ts');
    const { ROOT_CONTEXT } = require('@opentelemetry/api');
    const unhandled = [];
    process.on('unhandledRejection', reason => unhandled.push(String(reason)));
    const fault = (_where, error) => { throw error; };
    const runtime = { log: { fault } };
    const operation = { context: ROOT_CONTEXT, end() {}, fail() { throw new Error('ours'); } };
    const reject = () => Promise.reject('theirs');
    ${statements}
    setImmediate(() => console.log(JSON.stringify(unhandled)));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--require', 'tsx/cjs', '-e', program], {
    cwd: join(__dirname, '../../..'),
  });
  return JSON.parse(stdout) as string[];
}

describe.each(['runInside(runtime, operation, reject)', 'runAround(runtime, operation, reject)'])(
  'the rejection of %s',
  call => {
    test('is reported once as unhandled if the program does not handle it', async () => {
      await expect(unhandledRejectionsOf(`${call};`)).resolves.toEqual(['theirs']);
    });

    test('is not reported if the program handles it', async () => {
      await expect(unhandledRejectionsOf(`${call}.catch(() => {});`)).resolves.toEqual([]);
    });
  },
);
