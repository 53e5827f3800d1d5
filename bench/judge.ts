import type { Sample, Variant } from './benchmark';
import type { Round, Rounds } from './rounds';
import { estimate, type Estimate } from './statistics';
import type { Target } from './targets';

export interface Verdict extends Estimate {
  readonly name: string;
  readonly benchmark: string;
  readonly limit: number;
  /** Number of rounds that measured this target. A round measures each variant once. */
  readonly rounds: number;
  /** True if the whole confidence interval is within the limit. */
  readonly isMet: boolean;
  /**
   * The result of the same comparison for the hand-written instrumentation (`floor`). It exists only for ratios and
   * differences that do not compare with `floor`.
   */
  readonly floor?: Estimate | undefined;
}

/** Compares the results with the performance targets. Skips targets whose benchmark was not measured. */
export async function judge(targets: readonly Target[], rounds: Rounds): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const target of targets) {
    const { name, benchmark, limit } = target;
    const values = valuesOf(target, rounds);
    const estimated = await estimate(values);
    if (!estimated) continue;
    const floor = comparesWithOthers(target)
      ? await estimate(valuesOf({ ...target, of: 'floor' }, rounds))
      : undefined;
    const isMet = estimated.high <= limit;
    verdicts.push({ name, benchmark, limit, ...estimated, rounds: values.length, isMet, floor });
  }
  return verdicts;
}

const comparesWithOthers = (target: Target): boolean =>
  (target.kind === 'ratio' || target.kind === 'difference') && target.to !== 'floor';

/** Returns one value per round. Skips rounds that lack a needed measurement. */
function valuesOf(target: Target, rounds: Rounds): number[] {
  const values = (rounds.get(target.benchmark) ?? []).map((round, index) => {
    switch (target.kind) {
      case 'ratio':
        return ratioOf(round, target.of, target.to, target.field);
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

/** Divides the CPU time of variant `of` by the CPU time of variant `to`. Undefined if one of them was not measured. */
export function ratioOf(
  round: Round,
  of: Variant,
  to: Variant,
  field: 'cpu' | 'cold' = 'cpu',
): number | undefined {
  const [dividend, divisor] = [round[of]?.[field], round[to]?.[field]];
  return dividend === undefined || divisor === undefined ? undefined : dividend / divisor;
}

const difference = (round: Round, of: Variant, to: Variant): number | undefined =>
  minus(cpuOf(round[of]), cpuOf(round[to]));

const cpuOf = (sample: Sample | undefined): number | undefined => sample?.cpu;

const minus = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? undefined : one - other;

export function numberIn(sample: Sample | undefined, field: string): number | undefined {
  const value = sample?.[field];
  return typeof value === 'number' ? value : undefined;
}
