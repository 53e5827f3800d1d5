/** Installs web frameworks at their first use. They are too large for dev dependencies, and few examples need them. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, keep } from './kafka/maven';
import { projectRoot } from './program';

const run = promisify(execFile);

type Versions = Readonly<Record<string, string>>;

interface Manifest {
  readonly dependencies: Versions;
  readonly devDependencies?: Versions;
}

/** For `beforeAll`. An installation takes up to a minute, or longer on a busy machine. */
export const FRAMEWORK_DEADLINE_MS = 10 * 60_000;

const THIS_PACKAGE = '@org/kafka-otel';

/** Examples whose dependencies are no dev dependencies of this repository. */
const FRAMEWORK_EXAMPLES = ['express-fastify', 'nestjs', 'nextjs'];

export const isFrameworkExample = (example: string): boolean => FRAMEWORK_EXAMPLES.includes(example);

/**
 * Returns a folder whose `node_modules` has all dependencies of an example, including the SDK. A program below the
 * folder finds exactly one copy of each package. The folder is cached.
 *
 * @param versions - versions to use instead of those in the example's package.json
 */
export async function frameworkLab(example: string, versions: Versions = {}): Promise<string> {
  const wanted = { ...packagesOf(example), ...versions };
  const folder = labFolder(example, wanted);
  if (existsSync(folder)) return folder;
  mkdirSync(join(folder, '..'), { recursive: true });
  const part = mkdtempSync(join(folder, '..', '.part-'));
  try {
    writeFileSync(join(part, 'package.json'), JSON.stringify({ private: true, dependencies: wanted }));
    await run(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'],
      { cwd: part, maxBuffer: 64 * 1024 * 1024, timeout: FRAMEWORK_DEADLINE_MS },
    );
    return keep(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/** Creates a folder inside a lab folder and copies the current build of this package into it. */
export function makeLabProject(lab: string): string {
  const folder = mkdtempSync(join(lab, 'run-'));
  const home = join(folder, 'node_modules', THIS_PACKAGE);
  for (const name of ['dist', 'package.json', 'hook.mjs'])
    cpSync(join(projectRoot, name), join(home, name), { recursive: true });
  return folder;
}

/** @throws Error if Express, Fastify or NestJS is not installed and npm cannot reach the registry */
export function findFrameworks(env: NodeJS.ProcessEnv = process.env): void {
  if (
    ['express-fastify', 'nestjs'].every(example => existsSync(labFolder(example, packagesOf(example), env)))
  )
    return;
  const view = ['view', 'fastify', 'version', '--fetch-retries=0', '--fetch-timeout=5000'];
  if (spawnSync('npm', view, { env, stdio: 'ignore' }).status !== 0)
    throw new Error(
      'Express, Fastify or NestJS is not installed, and npm cannot reach its registry. Run the tests once with a connection to the registry.',
    );
}

function packagesOf(example: string): Versions {
  const own = manifestIn(projectRoot).dependencies;
  const { dependencies, devDependencies } = manifestIn(join(projectRoot, 'examples', example));
  const all = { ...own, ...dependencies, ...devDependencies };
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== THIS_PACKAGE));
}

const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

function labFolder(example: string, wanted: Versions, env: NodeJS.ProcessEnv = process.env): string {
  const key = createHash('sha256').update(JSON.stringify(wanted)).digest('hex').slice(0, 12);
  return join(cacheFolder(env), 'frameworks', `${example}-${key}`);
}
