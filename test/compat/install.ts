import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../support/kafka/maven';
import { projectRoot } from '../support/program';
import { isRuntime, runtimeExecutable, type Runtime } from '../support/runtimes';
import { LINES, type Versions } from './versions';

const run = promisify(execFile);

/**
 * Folder for cached installations, because an installation takes most of the time of a run. It is outside the
 * repository and the temporary folder, because Node.js also looks for packages in parent folders.
 */
const CACHE = join(cacheFolder(process.env), 'compat');
const PROGRAMS = join(__dirname, 'programs');
const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  readonly name: string;
  readonly dependencies: object;
  readonly peerDependencies: object;
  readonly peerDependenciesMeta: object;
};
const { name: OURS, dependencies: OWN, peerDependencies, peerDependenciesMeta } = manifest;

/** This package, packed as for publication. */
export interface Packed {
  /** Path of the archive that `npm pack` created. */
  readonly archive: string;
  /** Folder with the contents of the archive. */
  readonly contents: string;
  /** Folder for the test applications. */
  readonly applications: string;
  /** Hash of the package and of the test code. Stored results are valid only for the same hash. */
  readonly subject: string;
  remove(): void;
}

/** Packs the current build. */
export async function pack(): Promise<Packed> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, '.run-'));
  // Do not run npm scripts, because they would rebuild `dist` while other processes read it.
  const { stdout } = await run(
    process.execPath,
    [npmProgram(), 'pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    { cwd: projectRoot },
  );
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  if (!packed) throw new Error('`npm pack --json` listed no archive');
  const archive = join(folder, packed.filename);
  await run('tar', ['-xzf', archive, '-C', folder]);
  const contents = join(folder, 'package');
  return {
    archive,
    contents,
    applications: join(folder, 'applications'),
    subject: hash([contents, __dirname, ...SUITE_FOLDERS].map(textOfAll).join()),
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The tests and programs of suites.ts. Their text is part of the hash, so `--resume` never mixes results of different
 * tests.
 */
const SUITE_FOLDERS = ['test/e2e/flow', 'fixtures/flow'].map(folder => join(projectRoot, folder));

/** Files that do not influence the results. */
const NOT_HASHED = new Set(['main.ts', 'matrix.ts', 'suites.ts', 'table.ts']);

const textOfAll = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !NOT_HASHED.has(entry.name))
    .map(({ parentPath, name }) => `${name}\n${readFileSync(join(parentPath, name), 'utf8')}`)
    .sort()
    .join();

/** The folder of a test application, with its programs and the versions under test in `node_modules`. */
export interface Application {
  readonly folder: string;
  /** Path of the executable under test. */
  readonly node: string;
  /** The runtime under test. Undefined for Node.js. */
  readonly runtime: Runtime | undefined;
}

/** Installs these versions, or copies an earlier installation. Then adds the current build of this package. */
export async function install(packed: Packed, versions: Omit<Versions, 'kafka'>): Promise<Application> {
  const runtime = isRuntime(versions.node) ? versions.node : undefined;
  const node = runtime ? runtimeExecutable(runtime) : await installNode(versions.node);
  const { sdk, api } = LINES[versions.line];
  const dependencies = {
    kafkajs: versions.kafkajs,
    '@opentelemetry/api': api,
    '@opentelemetry/sdk-node': sdk,
  };
  const installed = await cached(
    `app-${versions.node}-${hash(JSON.stringify([dependencies, OWN, peerDependencies, peerDependenciesMeta]))}`,
    folder =>
      npmInstall(runtime ? process.execPath : node, folder, {
        ...dependencies,
        [OURS]: `file:${packed.archive}`,
      }),
  );
  const folder = join(packed.applications, basename(installed));
  if (!existsSync(folder)) {
    // Copy the installation, because another run may use it with another build of this package at the same time.
    await cp(installed, folder, { recursive: true, verbatimSymlinks: true });
    const target = join(folder, 'node_modules', OURS);
    rmSync(join(target, 'dist'), { recursive: true });
    cpSync(packed.contents, target, { recursive: true });
    cpSync(PROGRAMS, folder, { recursive: true });
  }
  return { folder, node, runtime };
}

/** Returns the path of a Node.js executable. Installs it from npm at the first use. */
export async function installNode(version: string): Promise<string> {
  const folder = await cached(`node-${version}`, folder =>
    npmInstall(process.execPath, folder, { node: version }),
  );
  return join(folder, 'node_modules', 'node', 'bin', 'node');
}

/** Calls `fill` to fill a new folder. If an earlier run has filled the folder, returns it unchanged. */
async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  const work = mkdtempSync(join(CACHE, '.filling-'));
  try {
    await fill(work);
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/**
 * Runs npm with the Node.js version under test, because npm selects package versions for this version. As for users, a
 * conflict of peer dependencies is an error.
 */
async function npmInstall(
  node: string,
  folder: string,
  dependencies: Readonly<Record<string, string>>,
): Promise<void> {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }, undefined, 2));
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS' && name !== 'NODE_ENV'),
  );
  await run(
    node,
    [
      npmProgram(),
      'install',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      '--prefer-offline',
      '--loglevel=error',
    ],
    { cwd: folder, env: { ...env, PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}` } },
  );
}

let npm: string | undefined;

/** Path of npm's JavaScript file: the npm that started this process, or the npm on the PATH. */
function npmProgram(): string {
  const caller = process.env['npm_execpath'] ?? '';
  // Other package managers set npm_execpath to their own file.
  return (npm ??= /npm-cli\.c?js$/.test(caller) ? caller : fromPath());
}

function fromPath(): string {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const link = join(folder, 'npm');
    if (existsSync(link)) return realpathSync(link);
  }
  throw new Error('npm not found: add it to PATH');
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
