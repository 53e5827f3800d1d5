import { spawnSync } from 'node:child_process';
import { findChromium } from './chromium';
import { findPrometheus } from './prometheus/find';
import { findVendors } from './vendors';

/** Tests that need a program which npm cannot bring. */
interface Need {
  readonly tests: string;
  /** @throws Error that says how to get it */
  readonly find: () => unknown;
}

const NEEDS: readonly Need[] = [
  { tests: 'test/e2e/demo-page', find: findChromium },
  { tests: 'test/e2e/dashboards/|test/unit/observability/rules', find: findPrometheus },
  { tests: 'test/e2e/examples/schema-registry', find: findRegistry },
  { tests: 'test/e2e/vendors', find: findVendors },
];

function findRegistry(): void {
  if (process.env['SCHEMA_REGISTRY_URL']) return;
  if (spawnSync('java', ['-version']).status !== 0)
    throw new Error('A schema registry needs Java 17 and Maven, or an address in SCHEMA_REGISTRY_URL.');
}

/**
 * The patterns of test files that cannot run on this machine, each told of in one sentence. On a CI machine all are run, and
 * fail where something is missing.
 */
export function leftOut(env: NodeJS.ProcessEnv = process.env): string[] {
  if (env['CI']) return [];
  return NEEDS.flatMap(({ tests, find }) => {
    try {
      find();
      return [];
    } catch (error) {
      process.stderr.write(
        `Left out (${tests}): ${error instanceof Error ? error.message : String(error)}\n`,
      );
      return [tests];
    }
  });
}
