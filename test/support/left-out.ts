import { spawnSync } from 'node:child_process';
import { findChromium } from './chromium';
import { findConfluent } from './confluent/find';
import { findFrameworks } from './frameworks';
import { findPrometheus } from './prometheus/find';
import { findVendors } from './vendors';

/** A pattern of test files that need a program which npm cannot install. */
interface Requirement {
  readonly tests: string;
  readonly find: (env: NodeJS.ProcessEnv) => unknown;
}

const REQUIREMENTS: readonly Requirement[] = [
  { tests: 'test/e2e/demo-page', find: findChromium },
  { tests: 'test/e2e/dashboards/|test/unit/observability/rules', find: findPrometheus },
  { tests: 'test/e2e/examples/schema-registry', find: findRegistry },
  { tests: 'test/e2e/vendors', find: findVendors },
  { tests: 'test/e2e/examples/express-fastify|test/e2e/examples/nestjs', find: findFrameworks },
  { tests: 'test/e2e/confluent/|test/e2e/examples/confluent|test/e2e/fuzz/confluent', find: findConfluent },
];

function findRegistry(env: NodeJS.ProcessEnv): void {
  if (env['SCHEMA_REGISTRY_URL']) return;
  if (spawnSync('java', ['-version'], { env }).status !== 0)
    throw new Error(
      'No schema registry is available. Install Java 17 and Maven, or set SCHEMA_REGISTRY_URL to a running registry.',
    );
}

/**
 * Returns patterns of the test files that cannot run on this machine because a program is missing. Writes a line to
 * stderr for each of them. On CI, no tests are left out, so a missing program makes tests fail.
 */
export function leftOut(env: NodeJS.ProcessEnv = process.env): string[] {
  if (env['CI']) return [];
  return REQUIREMENTS.flatMap(({ tests, find }) => {
    try {
      find(env);
      return [];
    } catch (error) {
      process.stderr.write(`Skipped ${tests}: ${error instanceof Error ? error.message : String(error)}\n`);
      return [tests];
    }
  });
}
