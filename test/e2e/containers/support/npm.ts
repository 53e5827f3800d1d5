import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../support/kafka/maven';
import { projectRoot } from '../../../support/program';

/** Runs npm in a folder, with nothing of the npm that may have started the tests. */
function npm(
  folder: string,
  ...args: readonly string[]
): { readonly failed: boolean; readonly stdout: string } {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  // What the machine has of the registry's answers is good enough, and most of the time goes into asking again.
  const quiet = { npm_config_audit: 'false', npm_config_fund: 'false', npm_config_prefer_offline: 'true' };
  const { status, stdout, stderr } = spawnSync('npm', args, {
    cwd: folder,
    env: { ...env, ...quiet },
    encoding: 'utf8',
  });
  const failed = status !== 0;
  if (failed && stdout === '') throw new Error(`npm ${args.join(' ')} failed:\n${stderr}`);
  return { failed, stdout };
}

function demand(folder: string, ...args: readonly string[]): void {
  const { failed, stdout } = npm(folder, ...args);
  if (failed) throw new Error(`npm ${args.join(' ')} failed:\n${stdout}`);
}

/** What npm finds wrong with the packages in a folder: missing ones, and versions that others cannot work with. */
export function problems(folder: string): readonly string[] {
  const { stdout } = npm(folder, 'ls', '--all', '--omit=dev', '--json');
  return (JSON.parse(stdout) as { readonly problems?: readonly string[] }).problems ?? [];
}

/** A folder with these packages in its `node_modules`, kept between runs: each is asked for in one exact version. */
export function installed(...packages: readonly [string, ...string[]]): string {
  const name = packages.join('+').replace(/[^\w.@+-]/g, '_');
  const folder = join(cacheFolder(process.env), 'npm', name);
  if (existsSync(folder)) return folder;
  // Under a name of its own until it is whole: another run may be at the same.
  const work = `${folder}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  demand(work, 'install', '--prefix', work, '--no-package-lock', '--ignore-scripts', ...packages);
  try {
    renameSync(work, folder);
  } catch {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** This package as it is published, packed into a folder. What it packs is the `dist` that the tests run on. */
export function packProject(folder: string): void {
  demand(projectRoot, 'pack', '--ignore-scripts', '--pack-destination', folder);
}

/** The executable of a version of Node.js, from npm. */
export function nodeOf(version: string): string {
  const name = `node-${process.platform}-${process.arch}`;
  return join(installed(`${name}@${version}`), 'node_modules', name, 'bin', 'node');
}
