import type { Sample } from '../../../bench/benchmark';
import { judge } from '../../../bench/judge';
import type { Round } from '../../../bench/rounds';
import type { Target } from '../../../bench/targets';

const sample = (cpu: number, more: object = {}): Sample => ({ unit: 'message', count: 1, cpu, ...more });

/** Creates one round per value of `ours`. The costs of the other variants are the same in all rounds. */
const rounds = (ours: readonly number[], others: Round): Round[] =>
  ours.map(cpu => ({ ...others, ours: sample(cpu, { block: cpu * 10 }) }));

const common = { name: 'it', benchmark: 'group/path/metrics' };
const measured = new Map([
  ['group/path/sampled', rounds([4, 4, 4, 4, 4, 4], { floor: sample(3) })],
  ['group/path/metrics', rounds([6, 6, 6, 6, 6, 9], { floor: sample(4), official: sample(12) })],
]);

async function verdictOf(target: Target) {
  const [verdict] = await judge([target], measured);
  return verdict;
}

test('a ratio compares the samples of the same round', async () => {
  const target = { ...common, kind: 'ratio', of: 'ours', to: 'official', limit: 0.5 } as const;
  expect(await verdictOf(target)).toMatchObject({ median: 0.5, low: 0.5, high: 0.75 });
});

test('a verdict on ours also has the figure of the floor, unless ours is compared with the floor', async () => {
  const target = { ...common, kind: 'ratio', of: 'ours', limit: 0.5 } as const;
  const floor = { median: 4 / 12, low: 4 / 12, high: 4 / 12 };
  expect(await verdictOf({ ...target, to: 'official' })).toMatchObject({ floor });
  expect(await verdictOf({ ...target, to: 'floor' })).toMatchObject({ floor: undefined });
});

test('a target is met only if the upper end of the interval meets it', async () => {
  const target = { ...common, kind: 'ratio', of: 'ours', to: 'official' } as const;
  expect(await verdictOf({ ...target, limit: 0.74 })).toMatchObject({ isMet: false });
  expect(await verdictOf({ ...target, limit: 0.75 })).toMatchObject({ isMet: true });
});

test('a difference is in µs of CPU per message, and a field has the unit of the sample', async () => {
  expect(await verdictOf({ ...common, kind: 'difference', of: 'ours', to: 'floor', limit: 1 })).toMatchObject(
    { median: 2 },
  );
  expect(await verdictOf({ ...common, kind: 'field', of: 'ours', field: 'block', limit: 1 })).toMatchObject({
    median: 60,
  });
});

test('the cost that metrics add to a call of ours leaves out what they add to the floor', async () => {
  const target = {
    ...common,
    kind: 'added',
    of: 'ours',
    to: 'floor',
    without: 'group/path/sampled',
  } as const;
  // Metrics add 6 − 4 µs per message to `ours` and 4 − 3 µs to `floor`. A call has ten messages.
  expect(await verdictOf({ ...target, messagesPerCall: 10, limit: 1 })).toMatchObject({ median: 10 });
});

test('a target whose benchmarks have not run is not judged', async () => {
  const target = { ...common, kind: 'ratio', of: 'ours', to: 'bare', limit: 1 } as const;
  expect(await verdictOf(target)).toBeUndefined();
});
