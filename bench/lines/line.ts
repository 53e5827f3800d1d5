import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SampleOptions } from '../run-sample';

const root = join(__dirname, '..', '..');

/** How samples run on a line of the SDK: `2` is the one that this repository is built with. */
export function lineOf(line: string): SampleOptions {
  if (line === '2') return { env: {} };
  const pinned = join(__dirname, `${line}.x`, 'package.json');
  if (!existsSync(pinned)) throw new Error(`--line=${line}: there is no bench/lines/${line}.x`);
  const folder = join(root, '.cache', 'bench', `line-${line}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(pinned, join(folder, 'package.json'));
  install(folder);
  return {
    env: { BENCH_MODULES: folder, BENCH_OURS: placeOurs(folder) },
    node: join(folder, 'node_modules', '.bin', 'node'),
  };
}

/** What is installed for a line, for whoever reads its figures. */
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
  // npm runs on the Node.js that is here, and would warn of each package that asks for a newer one: they get that.
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const { status } = spawnSync('npm', args, {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error(`npm install in ${folder} failed`);
}

/** Our build among that line's modules, so that it finds that line's API. */
function placeOurs(folder: string): string {
  const place = join(folder, 'node_modules', '@org', 'kafka-otel');
  rmSync(place, { recursive: true, force: true });
  cpSync(join(root, 'dist'), join(place, 'dist'), { recursive: true });
  copyFileSync(join(root, 'package.json'), join(place, 'package.json'));
  return join(place, 'dist');
}
