import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cacheFolder, keep } from '../kafka/maven';
import { nodeHeaders } from './node-headers';

const run = promisify(execFile);

export const CONFLUENT = '@confluentinc/kafka-javascript';

/** The newest release, and the oldest release with a stable promise API. */
export const CONFLUENT_VERSIONS = { newest: '1.10.1', oldest: '1.0.0' } as const;

/** For `beforeAll`. A build takes one to three minutes, and it may have to wait for the build of another test file. */
export const LAB_DEADLINE_MS = 15 * 60_000;

export interface LabOptions {
  /** Default: the newest version. */
  readonly version?: string;
  /** The Node.js executable that will load the client. Default: the executable that runs the tests. */
  readonly node?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Returns a folder whose `node_modules` has Confluent's client, with a native addon that works in `node`. The client is
 * installed at the first use and then cached. If its binary cannot be downloaded, the addon is built from source.
 *
 * The client is no dev dependency, because `npm install` would then build librdkafka whenever the download of the
 * binary fails.
 */
export async function confluentLab({
  version = CONFLUENT_VERSIONS.newest,
  node = process.execPath,
  env = process.env,
}: LabOptions = {}): Promise<string> {
  const folder = labFolder(version, await abiOf(node), env);
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  return locked(`${folder}.lock`, async () => {
    if (existsSync(folder)) return folder;
    // All attempts use the same folder. Remove the files of an attempt that was killed.
    const work = `${folder}.installing`;
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work);
    try {
      await install(work, version, node);
      return keep(work, folder);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
}

/** Lets a CommonJS program in any folder require the client that `confluentLab` installed. */
export const confluentEnvironment = (lab: string): { readonly NODE_PATH: string } => ({
  NODE_PATH: join(lab, 'node_modules'),
});

export const labFolder = (version: string, abi: string, env: NodeJS.ProcessEnv): string =>
  join(cacheFolder(env), 'confluent', `${version}-node${abi}-${process.platform}-${process.arch}`);

async function abiOf(node: string): Promise<string> {
  if (node === process.execPath) return process.versions.modules;
  const { stdout } = await run(node, ['-p', 'process.versions.modules']);
  return stdout.trim();
}

async function install(folder: string, version: string, node: string): Promise<void> {
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: { [CONFLUENT]: version } }),
  );
  const headers = nodeHeaders(node);
  // The install script of the package downloads the binary, or builds it if the download fails.
  await npmInstall(folder, node, {
    // Static linking would download and compile OpenSSL, curl and more.
    CKJS_LINKING: 'dynamic',
    // Use local headers if they exist. Otherwise, node-gyp downloads headers.
    ...(headers === undefined ? {} : { npm_config_nodedir: headers }),
  });
  removeSources(join(folder, 'node_modules', CONFLUENT));
  await load(folder, node, version);
}

async function npmInstall(
  folder: string,
  node: string,
  added: Readonly<Record<string, string>>,
): Promise<void> {
  // Remove variables that npm sets for child processes. Some of them name the Node.js that runs the tests.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_)|NODE_OPTIONS$|NODE_ENV$)/.test(name)),
  );
  const PATH = `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`;
  try {
    await run(
      'npm',
      ['install', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--loglevel=error'],
      { cwd: folder, env: { ...env, PATH, ...added }, maxBuffer: 64 * 1024 * 1024, timeout: LAB_DEADLINE_MS },
    );
  } catch (error) {
    throw new Error(
      `${CONFLUENT} could be neither downloaded nor built. The build needs g++ with C++20, make, python3, and the headers of OpenSSL and zlib (Debian: apt-get install ${DEBIAN_PACKAGES}). npm reports:\n${outputOf(error)}`,
      { cause: error },
    );
  }
}

/** The packages that a build of the client needs. `.ci/run` installs the same packages. */
export const DEBIAN_PACKAGES = 'g++ make python3 libssl-dev zlib1g-dev';

function outputOf(error: unknown): string {
  const { stderr, stdout } = error as { readonly stderr?: string; readonly stdout?: string };
  return (stderr || stdout || String(error)).slice(-4_000);
}

/** Removes 290 MB of source and intermediate files that no program reads. */
function removeSources(client: string): void {
  const build = join(client, 'build');
  const built = join(build, 'deps');
  const libraries = existsSync(built)
    ? readdirSync(built).filter(name => !/\.(so|dylib)(\.|$)/.test(name))
    : [];
  for (const unused of [
    join(client, 'deps'),
    join(build, 'Release', 'obj.target'),
    ...libraries.map(name => join(built, name)),
  ])
    rmSync(unused, { recursive: true, force: true });
}

/** @throws Error if the addon cannot be loaded, or has a version other than `version` */
async function load(folder: string, node: string, version: string): Promise<void> {
  const program = `require(${JSON.stringify(CONFLUENT)}).KafkaJS.Kafka.name;
    process.stdout.write(require(${JSON.stringify(`${CONFLUENT}/package.json`)}).version);`;
  const { stdout } = await run(node, ['-e', program], { cwd: folder });
  if (stdout !== version) throw new Error(`expected ${CONFLUENT} ${version}, got ${stdout}`);
}

/**
 * Lets only one process build the client at a time, because a build uses all CPU cores for minutes. Ignores the lock of
 * a process that has ended.
 */
async function locked<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + LAB_DEADLINE_MS;
  while (!lock(file)) {
    if (Date.now() > deadline)
      throw new Error(
        `The lock file ${file} is older than 15 minutes, so another installation may have failed. Delete the file and try again.`,
      );
    await pause(500);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function lock(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!holderRuns(file)) rmSync(file, { force: true });
    return false;
  }
}

function holderRuns(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return true;
  } catch (error) {
    // EPERM means that the process runs as another user. After any other error, there is no process that holds the
    // lock.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
