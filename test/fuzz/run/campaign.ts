import fc, { type Arbitrary } from 'fast-check';
import type { Mutant } from '../mutant';
import type { Described } from './observe';
import type { OutcomeCounts } from './outcome-counts';
import type { Comparison } from './comparer';

/** Runs a program bare and instrumented, and compares the two runs. */
export interface Comparer<Program extends Described> {
  compare(program: Program, mutant?: Mutant): Promise<Comparison>;
}

/** A difference, with the smallest program that shows it. */
export interface Failure {
  readonly program: string;
  readonly found: string;
  /** Shell command that shows the difference again. */
  readonly command: string;
}

export interface Campaign<Program extends Described> {
  readonly programs: Arbitrary<Program>;
  readonly cases: number;
  readonly seed: number;
  /** Set if all programs are of the same kind. */
  readonly kind?: string | undefined;
  /** Additional arguments for the command that reproduces a difference. */
  readonly command?: string;
  /** Path with which fast-check finds a failing program again. */
  readonly path?: string | undefined;
  readonly progress?: (cases: number) => void;
}

/** Stop after this many differences. */
const MAX_FAILURES = 5;

class Difference extends Error {}

export async function search<Program extends Described>(
  comparer: Comparer<Program>,
  counts: OutcomeCounts,
  campaign: Campaign<Program>,
): Promise<readonly Failure[]> {
  const { programs, cases, kind, path, progress, command = '' } = campaign;
  const failures: Failure[] = [];
  let { seed } = campaign;
  let done = 0;
  while (done < cases && failures.length < MAX_FAILURES) {
    let hasFailed = false;
    const property = fc.asyncProperty(programs, async program => {
      const { bare, found } = await comparer.compare(program);
      // After a difference, fast-check looks for a smaller program that shows it. Do not count these programs.
      if (!hasFailed) {
        counts.add(program, bare);
        progress?.(++done);
      }
      if (found === undefined) return;
      hasFailed = true;
      throw new Difference(found);
    });
    const result = await fc.check(property, {
      numRuns: cases - done,
      seed,
      ...(path === undefined ? {} : { path }),
    });
    if (!result.failed) break;
    const kinds = kind === undefined ? '' : ` --kind ${kind}`;
    failures.push({
      program: result.counterexample?.[0].text ?? 'none',
      found:
        result.errorInstance instanceof Difference
          ? result.errorInstance.message
          : String(result.errorInstance),
      command: `npm run test:fuzz --${command} --seed ${seed} --path ${result.counterexamplePath ?? ''}${kinds}`,
    });
    if (path !== undefined) break;
    seed++;
  }
  return failures;
}

/** Returns the number of the first program that detects a mutant, or `undefined` if none does. */
export async function caughtAt<Program extends Described>(
  comparer: Comparer<Program>,
  programs: Arbitrary<Program>,
  mutant: Mutant,
  cases: number,
  seed: number,
): Promise<number | undefined> {
  let tried = 0;
  const property = fc.asyncProperty(programs, async program => {
    tried++;
    const { found } = await comparer.compare(program, mutant);
    // If the program also differs without the mutant, the mutant is not the cause.
    if (found !== undefined && (await comparer.compare(program)).found === undefined)
      throw new Difference(found);
  });
  const { failed } = await fc.check(property, { numRuns: cases, seed, endOnFailure: true });
  return failed ? tried : undefined;
}
