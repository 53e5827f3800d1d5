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
import { LINES, type Versions } from './versions';

const run = promisify(execFile);

/**
 * Installations outlive a run: most of the time of a first one goes into them. They lie outside of this repository, whose own
 * packages would be found from anywhere below it, and so they might in the folder for temporary files.
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

/** This package as it would be published. */
export interface Packed {
  /** The archive that `npm pack` has made. */
  readonly archive: string;
  /** The same, unpacked. */
  readonly contents: string;
  /** Where applications with it are put together. */
  readonly applications: string;
  /** A hash of the contents and of what tests them. */
  readonly subject: string;
  remove(): void;
}

/** Packs what is built. */
export async function pack(): Promise<Packed> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, '.run-'));
  // Its scripts would build once more, while others read `dist`.
  const { stdout } = await run(
    process.execPath,
    [npmProgram(), 'pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    { cwd: projectRoot },
  );
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  if (!packed) throw new Error('npm pack made nothing');
  const archive = join(folder, packed.filename);
  await run('tar', ['-xzf', archive, '-C', folder]);
  const contents = join(folder, 'package');
  return {
    archive,
    contents,
    applications: join(folder, 'applications'),
    subject: hash([contents, __dirname].map(textOfAll).join()),
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What decides which rows there are and how they are shown, not what comes out of one. */
const BESIDE = new Set(['main.ts', 'matrix.ts', 'table.ts']);

const textOfAll = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !BESIDE.has(entry.name))
    .map(({ parentPath, name }) => `${name}\n${readFileSync(join(parentPath, name), 'utf8')}`)
    .sort()
    .join();

/** A folder of an application: the programs, with the versions of a row beneath them. */
export interface Application {
  readonly folder: string;
  /** The executable of the row's Node.js. */
  readonly node: string;
}

/** Installs what a row runs with, or takes what an earlier run has installed, with the package of now in it. */
export async function install(packed: Packed, versions: Omit<Versions, 'kafka'>): Promise<Application> {
  const node = await installNode(versions.node);
  const { sdk, api } = LINES[versions.line];
  const dependencies = {
    kafkajs: versions.kafkajs,
    '@opentelemetry/api': api,
    '@opentelemetry/sdk-node': sdk,
  };
  const installed = await cached(
    `app-${versions.node}-${hash(JSON.stringify([dependencies, OWN, peerDependencies, peerDependenciesMeta]))}`,
    folder => npmInstall(node, folder, { ...dependencies, [OURS]: `file:${packed.archive}` }),
  );
  const folder = join(packed.applications, basename(installed));
  if (!existsSync(folder)) {
    // Another run may use what is installed at the same time, with another build of this package.
    await cp(installed, folder, { recursive: true, verbatimSymlinks: true });
    const place = join(folder, 'node_modules', OURS);
    rmSync(join(place, 'dist'), { recursive: true });
    cpSync(packed.contents, place, { recursive: true });
    cpSync(PROGRAMS, folder, { recursive: true });
  }
  return { folder, node };
}

async function installNode(version: string): Promise<string> {
  const folder = await cached(`node-${version}`, folder =>
    npmInstall(process.execPath, folder, { node: version }),
  );
  return join(folder, 'node_modules', 'node', 'bin', 'node');
}

/** A folder that `fill` has filled completely, now or in an earlier run. */
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

/** Under the Node.js that the program will have: npm prefers versions that fit it. A conflict of peers fails, as it would for users. */
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

/** npm's own program: of the npm that runs us, else of the one in the path. */
function npmProgram(): string {
  const caller = process.env['npm_execpath'] ?? '';
  // Other package managers name themselves there.
  return (npm ??= /npm-cli\.c?js$/.test(caller) ? caller : fromPath());
}

function fromPath(): string {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const link = join(folder, 'npm');
    if (existsSync(link)) return realpathSync(link);
  }
  throw new Error('npm is not in the path');
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
