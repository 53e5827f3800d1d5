import type { Sample, Variant } from './cell';
import type { Round, Rounds } from './rounds';
import { estimate, type Estimate } from './statistics';
import type { Target } from './targets';

export interface Verdict extends Estimate {
  readonly name: string;
  readonly cell: string;
  readonly limit: number;
  /** Paired ones. */
  readonly rounds: number;
  /** Only if the upper end of the interval is within the limit. */
  readonly isMet: boolean;
  /** What the floor comes to, where ours is compared with something else. */
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
    const floor = isAboutOthers(target)
      ? await estimate(valuesOf({ ...target, of: 'floor' }, rounds))
      : undefined;
    const isMet = estimated.high <= limit;
    verdicts.push({ name, cell, limit, ...estimated, rounds: values.length, isMet, floor });
  }
  return verdicts;
}

const isAboutOthers = (target: Target): boolean =>
  (target.kind === 'ratio' || target.kind === 'difference') && target.to !== 'floor';

/** One value for each round that has all it takes. */
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

/** How many times the CPU time of one variant is that of another, within a round. */
export function ratioOf(round: Round, of: Variant, to: Variant): number | undefined {
  const [dividend, divisor] = [cpuOf(round[of]), cpuOf(round[to])];
  return dividend === undefined || divisor === undefined ? undefined : dividend / divisor;
}

/** How much more CPU time one variant takes than another, within a round. */
const difference = (round: Round, of: Variant, to: Variant): number | undefined =>
  minus(cpuOf(round[of]), cpuOf(round[to]));

const cpuOf = (sample: Sample | undefined): number | undefined => sample?.cpu;

const minus = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? undefined : one - other;

export function numberIn(sample: Sample | undefined, field: string): number | undefined {
  const value = sample?.[field];
  return typeof value === 'number' ? value : undefined;
}
