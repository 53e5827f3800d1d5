import fc, { type Arbitrary } from 'fast-check';
import type { Mutant } from '../planting';
import type { Program } from './observe';
import type { Tally } from './tally';
import type { Compared } from './world';

/** Where programs run bare and instrumented. */
export interface Comparing {
  compare(program: Program, mutant?: Mutant): Promise<Compared>;
}

/** A program whose two runs differ, made as small as it gets. */
export interface Failure {
  readonly program: string;
  readonly found: string;
  /** What shows it again. */
  readonly command: string;
}

export interface Campaign {
  readonly programs: Arbitrary<Program>;
  readonly cases: number;
  readonly seed: number;
  /** The programs' kind, where they are of one kind only. */
  readonly kind?: string | undefined;
  /** Where a failing case was found, as fast-check names it. */
  readonly path?: string | undefined;
  readonly progress?: (cases: number) => void;
}

/** After this many differences a run gives up: by then something is wrong that a few of them show. */
const MAX_FAILURES = 5;

class Difference extends Error {}

export async function search(
  world: Comparing,
  tally: Tally,
  campaign: Campaign,
): Promise<readonly Failure[]> {
  const { programs, cases, kind, path, progress } = campaign;
  const failures: Failure[] = [];
  let { seed } = campaign;
  let done = 0;
  while (done < cases && failures.length < MAX_FAILURES) {
    let hasFailed = false;
    const property = fc.asyncProperty(programs, async program => {
      const { bare, found } = await world.compare(program);
      // What comes after a difference are smaller forms of the same program.
      if (!hasFailed) {
        tally.add(program, bare);
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
      command: `npm run test:fuzz -- --seed ${seed} --path ${result.counterexamplePath ?? ''}${kinds}`,
    });
    if (path !== undefined) break;
    seed++;
  }
  return failures;
}

/** The number of the program that shows a mutant, or `undefined` if none of so many does. */
export async function caughtAt(
  world: Comparing,
  programs: Arbitrary<Program>,
  mutant: Mutant,
  cases: number,
  seed: number,
): Promise<number | undefined> {
  let tried = 0;
  const property = fc.asyncProperty(programs, async program => {
    tried++;
    const { found } = await world.compare(program, mutant);
    // What differs without the mutant too says nothing about it.
    if (found !== undefined && (await world.compare(program)).found === undefined)
      throw new Difference(found);
  });
  const { failed } = await fc.check(property, { numRuns: cases, seed, endOnFailure: true });
  return failed ? tried : undefined;
}
