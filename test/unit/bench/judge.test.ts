import type { Sample } from '../../../bench/benchmark';
import { judge } from '../../../bench/judge';
import type { Round } from '../../../bench/rounds';
import type { Target } from '../../../bench/targets';

const sample = (cpu: number, more: object = {}): Sample => ({ unit: 'message', count: 1, cpu, ...more });

/** As many rounds as there are values for ours; the others cost the same in each. */
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

test('a ratio is that of the samples of each round', async () => {
  const target = { ...common, kind: 'ratio', of: 'ours', to: 'official', limit: 0.5 } as const;
  expect(await verdictOf(target)).toMatchObject({ median: 0.5, low: 0.5, high: 0.75 });
});

test('beside what ours comes to stands what the floor does, unless it is the floor that ours is compared with', async () => {
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

test('a difference is in µs of CPU per message, and a field is taken as the sample says', async () => {
  expect(await verdictOf({ ...common, kind: 'difference', of: 'ours', to: 'floor', limit: 1 })).toMatchObject(
    { median: 2 },
  );
  expect(await verdictOf({ ...common, kind: 'field', of: 'ours', field: 'block', limit: 1 })).toMatchObject({
    median: 60,
  });
});

test('what metrics add to a call is what ours costs more with them, without what they add to the floor', async () => {
  const target = {
    ...common,
    kind: 'added',
    of: 'ours',
    to: 'floor',
    without: 'group/path/sampled',
  } as const;
  // (6 − 4) − (4 − 3) µs per message, of which a call has ten.
  expect(await verdictOf({ ...target, messagesPerCall: 10, limit: 1 })).toMatchObject({ median: 10 });
});

test('a target whose benchmarks have not run is not judged', async () => {
  const target = { ...common, kind: 'ratio', of: 'ours', to: 'bare', limit: 1 } as const;
  expect(await verdictOf(target)).toBeUndefined();
});
