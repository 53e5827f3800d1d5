import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import type { Result } from './check';

const FILE = join(projectRoot, '.cache', 'compat', 'results.json');

interface Kept {
  /** What was tested; results of anything else are worth nothing. */
  readonly subject: string;
  readonly results: Readonly<Record<string, Result>>;
}

/** The good results of an earlier run on the same subject, by row. */
export function keptResults(subject: string): ReadonlyMap<string, Result> {
  try {
    const kept = JSON.parse(readFileSync(FILE, 'utf8')) as Kept;
    return new Map(
      kept.subject === subject ? Object.entries(kept.results).filter(([, result]) => isGood(result)) : [],
    );
  } catch {
    return new Map();
  }
}

/** Keeps the results so far, so that an interrupted run can go on where it was. */
export function keepResults(subject: string, results: ReadonlyMap<string, Result>): void {
  mkdirSync(join(FILE, '..'), { recursive: true });
  const kept: Kept = { subject, results: Object.fromEntries(results) };
  writeFileSync(FILE, JSON.stringify(kept));
}

/** Whether nothing was wrong in any way of starting the program. */
export const isGood = ({ faults }: Result): boolean => Object.values(faults).every(list => list.length === 0);
