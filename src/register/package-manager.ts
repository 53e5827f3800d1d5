import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from './environment';

const PACKAGE_MANAGERS: ReadonlySet<unknown> = new Set([
  'npm',
  'npx',
  'pnpm',
  'yarn',
  '@yarnpkg/cli',
  'corepack',
]);

/** Yarn is often a single file without a package of its own: committed to the project, or in corepack's cache. */
const SINGLE_FILE = /[\\/](\.yarn[\\/]releases|corepack[\\/]v\d+)[\\/]/;

/**
 * Whether the main script is npm, npx, pnpm, yarn or corepack itself. With `NODE_OPTIONS=--require …` they are preloaded too, and they
 * would show as services of their own; the programs that they start are not meant.
 */
export function isPackageManager(mainScript: string | undefined, env: Environment): boolean {
  if (mainScript === undefined) return false;
  try {
    const script = realpathSync(mainScript);
    if (SINGLE_FILE.test(script)) return true;
    if (env.npm_execpath !== undefined && isSameFile(script, env.npm_execpath)) return true;
    return PACKAGE_MANAGERS.has(nameOfPackage(dirname(script)));
  } catch {
    return false;
  }
}

function isSameFile(script: string, other: string): boolean {
  try {
    return realpathSync(other) === script;
  } catch {
    return false;
  }
}

/** The `name` in the nearest package.json that has one. */
function nameOfPackage(folder: string): unknown {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (typeof manifest === 'object' && manifest !== null && 'name' in manifest) return manifest.name;
  } catch {
    // None here, or not readable: the folder above may have one.
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : nameOfPackage(parent);
}
