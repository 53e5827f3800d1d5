import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exactRow, type Row } from '../row';

const root = join(__dirname, '..', '..');

/** Sizes in bytes: the tarball, the unpacked package, and its runtime dependencies. */
export function sizeRows(): Row[] {
  const { size, unpackedSize } = packed();
  const packages = runtimePackages(root);
  const others = packages.reduce((sum, folder) => sum + bytesIn(folder), 0);
  return [
    exactRow('package, packed', 'bytes', size),
    exactRow('package, unpacked', 'bytes', unpackedSize),
    exactRow(`its ${packages.length} runtime dependencies, unpacked`, 'bytes', others),
  ];
}

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
}

function packed(): Packed {
  const json = execFileSync('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  });
  // Older npm versions print an array; newer ones print an object with package names as keys.
  const [only] = Object.values(JSON.parse(json) as Record<string, Packed>);
  if (only === undefined)
    throw new Error('`npm pack --json` listed no package, so the size of this package is unknown');
  return only;
}

/** Finds the folders of all direct and indirect dependencies, without peer dependencies. */
function runtimePackages(from: string, found = new Set<string>()): string[] {
  const text = readFileSync(join(from, 'package.json'), 'utf8');
  const { dependencies = {} } = JSON.parse(text) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  for (const name of Object.keys(dependencies)) {
    const folder = folderOf(name, from);
    if (found.has(folder)) continue;
    found.add(folder);
    runtimePackages(folder, found);
  }
  return [...found];
}

function folderOf(name: string, from: string): string {
  for (let parent = from; ; parent = dirname(parent)) {
    const folder = join(parent, 'node_modules', name);
    if (existsSync(folder)) return folder;
    if (dirname(parent) === parent)
      throw new Error(`${name}, a dependency of ${from}, is not installed: run \`npm ci\``);
  }
}

/** Returns the size of a package folder. Nested packages are counted on their own. */
function bytesIn(folder: string): number {
  return readdirSync(folder)
    .filter(name => name !== 'node_modules')
    .map(name => join(folder, name))
    .reduce((sum, path) => {
      const stat = lstatSync(path);
      return sum + (stat.isDirectory() ? bytesIn(path) : stat.size);
    }, 0);
}
