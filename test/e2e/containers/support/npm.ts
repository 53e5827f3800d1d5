import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../support/kafka/maven';
import { projectRoot } from '../../../support/program';

/** Runs npm in a folder, without the variables of the npm that started the tests. */
function npm(
  folder: string,
  ...args: readonly string[]
): { readonly failed: boolean; readonly stdout: string } {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  // Use cached answers of the registry. Checking whether they are up to date takes most of the time.
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

/** Problems that `npm ls` reports for a folder: missing packages and incompatible versions. */
export function problems(folder: string): readonly string[] {
  const { stdout } = npm(folder, 'ls', '--all', '--omit=dev', '--json');
  return (JSON.parse(stdout) as { readonly problems?: readonly string[] }).problems ?? [];
}

/**
 * Returns a folder with these packages in `node_modules`. The folder is cached between runs, so each version must be
 * exact.
 */
export function installed(...packages: readonly [string, ...string[]]): string {
  const name = packages.join('+').replace(/[^\w.@+-]/g, '_');
  const folder = join(cacheFolder(process.env), 'npm', name);
  if (existsSync(folder)) return folder;
  // Install under a temporary name and rename the folder, because another run may install the same packages.
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

/** Packs the current `dist` of this package into a folder. */
export function packProject(folder: string): void {
  demand(projectRoot, 'pack', '--ignore-scripts', '--pack-destination', folder);
}

/** Returns the executable of a Node.js version. Node.js is installed from npm. */
export function nodeOf(version: string): string {
  const name = `node-${process.platform}-${process.arch}`;
  return join(installed(`${name}@${version}`), 'node_modules', name, 'bin', 'node');
}
