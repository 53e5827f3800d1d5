import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SampleOptions } from '../run-sample';

const root = join(__dirname, '..', '..');

/**
 * Returns the options of a measuring process that uses the given major version ("line") of the OpenTelemetry SDK. The
 * repository uses version 2. Other versions are installed on demand.
 */
export function lineOf(line: string): SampleOptions {
  if (line === '2') return { env: {} };
  const pinned = join(__dirname, `${line}.x`, 'package.json');
  if (!existsSync(pinned))
    throw new Error(`Unknown --line=${line}: bench/lines/${line}.x/package.json does not exist. Use 2 or 3`);
  const folder = join(root, '.cache', 'bench', `line-${line}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(pinned, join(folder, 'package.json'));
  install(folder);
  return {
    env: { BENCH_MODULES: folder, BENCH_OURS: copyBuildInto(folder) },
    node: join(folder, 'node_modules', '.bin', 'node'),
  };
}

/** Returns the installed versions of a line, as text for bench/README.md. */
export function versionsOf(line: string): string {
  const text = readFileSync(join(__dirname, `${line}.x`, 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(text) as { readonly dependencies: Readonly<Record<string, string>> };
  const version = (name: string) => dependencies[name] ?? 'unknown';
  return (
    `\`@opentelemetry/sdk-trace\` ${version('@opentelemetry/sdk-trace')}, ` +
    `\`@opentelemetry/instrumentation-kafkajs\` ${version('@opentelemetry/instrumentation-kafkajs')} and Node.js ${version('node')}`
  );
}

function install(folder: string): void {
  // Hide npm's warning about the current Node.js version. The benchmarks run on a newer version.
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const { status } = spawnSync('npm', args, {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error(`npm install in ${folder} failed; see its output above`);
}

/**
 * Copies the build of this package into `node_modules` of the folder, so that the build loads the API package of that
 * folder.
 */
function copyBuildInto(folder: string): string {
  const target = join(folder, 'node_modules', '@org', 'kafka-otel');
  rmSync(target, { recursive: true, force: true });
  cpSync(join(root, 'dist'), join(target, 'dist'), { recursive: true });
  copyFileSync(join(root, 'package.json'), join(target, 'package.json'));
  return join(target, 'dist');
}
