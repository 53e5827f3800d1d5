import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/program';

/**
 * Installs packages into a cached folder.
 *
 * @returns the path of its `node_modules`
 */
export function installed(...packages: readonly string[]): string {
  const folder = join(projectRoot, '.cache/loaders', packages.join('+').replace(/[^\w.+-]/g, '_'));
  const modules = join(folder, 'node_modules');
  const stamp = join(folder, '.installed');
  if (!existsSync(stamp)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    npm(folder, 'install', '--ignore-scripts', ...packages);
    writeFileSync(stamp, '');
  }
  return modules;
}

export function npm(folder: string, ...args: readonly string[]): void {
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/**
 * Packs the current build.
 *
 * @returns the path of the tarball
 */
export function pack(folder: string): string {
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  return join(folder, execFileSync('npm', args, { cwd: projectRoot, encoding: 'utf8' }).trim());
}
