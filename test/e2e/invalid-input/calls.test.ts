import { projectRoot } from '../../support/program';
import { run } from '../loading/support/run';

interface Call {
  readonly name: string;
  readonly ticks: readonly [resolving: number, rejecting: number];
}

let bare: Call[];
let instrumented: Call[];

beforeAll(async () => {
  const file = `${projectRoot}/fixtures/invalid-input/calls.cjs`;
  bare = (await run({ file })).results as Call[];
  instrumented = (await run({ file, env: { INSTRUMENTED: '1' } })).results as Call[];
});

test('the original method is called once, synchronously and with the same this, and its result is passed through', () => {
  const expected = ['send', 'sendBatch', 'transaction', 'run'].map(name => ({
    name,
    ticks: expect.any(Array) as unknown,
    looks: [name, 0],
    inTheSameTick: { times: 1, sameThis: true, extra: 'extra' },
    detached: { times: 1, sameThis: true },
    resolvesWithTheSame: true,
    rejectsWithTheSame: true,
    returnsTheSame: true,
    throwsTheSame: true,
  }));
  expect(bare).toEqual(expected);
  expect(instrumented).toEqual(expected);
});

test('a returned promise settles at most two microtasks after the original', () => {
  for (const [index, { ticks }] of instrumented.entries()) {
    const [resolving = NaN, rejecting = NaN] = bare[index]?.ticks ?? [];
    expect(ticks[0] - resolving).toBeLessThanOrEqual(2);
    expect(ticks[1] - rejecting).toBeLessThanOrEqual(2);
  }
});
