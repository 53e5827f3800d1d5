import type { Sample, Variant } from './cell';
import type { Round, Rounds } from './rounds';
import { estimate, type Estimate } from './statistics';
import type { Target } from './targets';

export interface Verdict extends Estimate {
  readonly name: string;
  readonly cell: string;
  readonly limit: number;
  /** Number of paired rounds. */
  readonly rounds: number;
  /** True if the upper end of the interval is within the limit. */
  readonly isMet: boolean;
  /** The same figure for the hand-written baseline, if the target compares with another variant. */
  readonly floor?: Estimate | undefined;
}

/** Judges the targets whose cells have run. */
export async function judge(targets: readonly Target[], rounds: Rounds): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const target of targets) {
    const { name, cell, limit } = target;
    const values = valuesOf(target, rounds);
    const estimated = await estimate(values);
    if (!estimated) continue;
    const floor = comparesWithOthers(target)
      ? await estimate(valuesOf({ ...target, of: 'floor' }, rounds))
      : undefined;
    const isMet = estimated.high <= limit;
    verdicts.push({ name, cell, limit, ...estimated, rounds: values.length, isMet, floor });
  }
  return verdicts;
}

const comparesWithOthers = (target: Target): boolean =>
  (target.kind === 'ratio' || target.kind === 'difference') && target.to !== 'floor';

/** One value for each round that has all the samples it needs. */
function valuesOf(target: Target, rounds: Rounds): number[] {
  const values = (rounds.get(target.cell) ?? []).map((round, index) => {
    switch (target.kind) {
      case 'ratio':
        return ratioOf(round, target.of, target.to);
      case 'difference':
        return difference(round, target.of, target.to);
      case 'field':
        return numberIn(round[target.of], target.field);
      case 'added': {
        const { of, to, messagesPerCall } = target;
        const without = rounds.get(target.without)?.[index];
        const perMessage = minus(difference(round, of, to), without && difference(without, of, to));
        return perMessage === undefined ? undefined : perMessage * messagesPerCall;
      }
    }
  });
  return values.filter(value => value !== undefined);
}

/** CPU time of one variant as a multiple of another's, within a round. */
export function ratioOf(round: Round, of: Variant, to: Variant): number | undefined {
  const [dividend, divisor] = [cpuOf(round[of]), cpuOf(round[to])];
  return dividend === undefined || divisor === undefined ? undefined : dividend / divisor;
}

/** CPU time of one variant minus another's, within a round. */
const difference = (round: Round, of: Variant, to: Variant): number | undefined =>
  minus(cpuOf(round[of]), cpuOf(round[to]));

const cpuOf = (sample: Sample | undefined): number | undefined => sample?.cpu;

const minus = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? undefined : one - other;

export function numberIn(sample: Sample | undefined, field: string): number | undefined {
  const value = sample?.[field];
  return typeof value === 'number' ? value : undefined;
}
