import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import type { Result } from './check';
import type { SuiteResult } from './suites';

const FILE = join(projectRoot, '.cache', 'compat', 'results.json');

/** The keys are the names of the rows. */
export interface Results {
  readonly rows: Map<string, Result>;
  /** Results of the rows in suites.ts. */
  readonly suites: Map<string, SuiteResult>;
}

interface StoredResults {
  /** Hash of the package and of the test code. Results with another hash are ignored. */
  readonly subject: string;
  readonly rows: Readonly<Record<string, Result>>;
  readonly suites: Readonly<Record<string, SuiteResult>>;
}

/** Returns the successful results of an earlier run with the same hash. */
export function loadResults(subject: string): Results {
  try {
    const stored = JSON.parse(readFileSync(FILE, 'utf8')) as StoredResults;
    if (stored.subject === subject) return { rows: passed(stored.rows), suites: passed(stored.suites) };
  } catch {
    // There was no earlier run.
  }
  return { rows: new Map(), suites: new Map() };
}

/** Stores the results, so that an interrupted run can continue. */
export function storeResults(subject: string, { rows, suites }: Results): void {
  mkdirSync(join(FILE, '..'), { recursive: true });
  const stored: StoredResults = {
    subject,
    rows: Object.fromEntries(rows),
    suites: Object.fromEntries(suites),
  };
  writeFileSync(FILE, JSON.stringify(stored));
}

type Faults = Pick<Result, 'faults'>;

const passed = <Each extends Faults>(results: Readonly<Record<string, Each>>): Map<string, Each> =>
  new Map(Object.entries(results).filter(([, result]) => hasPassed(result)));

/** True if everything had the expected results. */
export const hasPassed = ({ faults }: Faults): boolean =>
  Object.values(faults).every(list => list.length === 0);
