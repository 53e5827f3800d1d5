import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONFLUENT, CONFLUENT_VERSIONS, DEBIAN_PACKAGES, labFolder } from '.';
import { nodeHeaders } from './node-headers';

/** @throws Error if Confluent's client is not cached and can be neither downloaded nor built on this machine */
export function findConfluent(env: NodeJS.ProcessEnv = process.env): void {
  if (existsSync(labFolder(CONFLUENT_VERSIONS.newest, process.versions.modules, env))) return;
  if (!succeeds('npm', ['view', CONFLUENT, 'version', '--fetch-retries=0', '--fetch-timeout=5000'], env))
    throw new Error(
      `${CONFLUENT} is not installed, and the npm registry cannot be reached. Run the tests once with a connection to the registry.`,
    );
  if (!canBuild(env) && !canReach(BINARIES, env))
    throw new Error(
      `the binary of ${CONFLUENT} cannot be downloaded, and tools to build it are missing (Debian: apt-get install ${DEBIAN_PACKAGES}).`,
    );
}

const BINARIES = 'https://github.com/confluentinc/confluent-kafka-javascript/releases';

function canBuild(env: NodeJS.ProcessEnv): boolean {
  const headers = nodeHeaders(process.execPath);
  if (headers === undefined && !canReach('https://nodejs.org/dist/index.json', env)) return false;
  const include = headers === undefined ? [] : [`-I${join(headers, 'include', 'node')}`];
  const source = ['openssl/ssl.h', 'zlib.h', ...(headers === undefined ? [] : ['node.h'])];
  return (
    succeeds('make', ['--version'], env) &&
    succeeds('python3', ['--version'], env) &&
    succeeds(
      'g++',
      ['-std=c++20', '-fsyntax-only', ...include, '-x', 'c++', '-'],
      env,
      source.map(file => `#include <${file}>\n`).join(''),
    )
  );
}

const canReach = (url: string, env: NodeJS.ProcessEnv): boolean =>
  succeeds(
    process.execPath,
    [
      '-e',
      'fetch(process.argv[1], { method: "HEAD", signal: AbortSignal.timeout(5000) }).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))',
      url,
    ],
    env,
  );

const succeeds = (command: string, args: readonly string[], env: NodeJS.ProcessEnv, input = ''): boolean =>
  spawnSync(command, args, { env, input, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0;
