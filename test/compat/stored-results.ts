import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import type { Result } from './check';

const FILE = join(projectRoot, '.cache', 'compat', 'results.json');

interface StoredResults {
  /** Hash of the package and of the test code. Results with another hash are ignored. */
  readonly subject: string;
  readonly results: Readonly<Record<string, Result>>;
}

/** Returns the successful results of an earlier run with the same hash, by row. */
export function loadResults(subject: string): ReadonlyMap<string, Result> {
  try {
    const stored = JSON.parse(readFileSync(FILE, 'utf8')) as StoredResults;
    return new Map(
      stored.subject === subject
        ? Object.entries(stored.results).filter(([, result]) => hasPassed(result))
        : [],
    );
  } catch {
    return new Map();
  }
}

/** Stores the results so far. An interrupted run can then continue. */
export function storeResults(subject: string, results: ReadonlyMap<string, Result>): void {
  mkdirSync(join(FILE, '..'), { recursive: true });
  const stored: StoredResults = { subject, results: Object.fromEntries(results) };
  writeFileSync(FILE, JSON.stringify(stored));
}

/** True if all setups had the expected results. */
export const hasPassed = ({ faults }: Result): boolean =>
  Object.values(faults).every(list => list.length === 0);
