import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exactly, type Row } from '../row';

const root = join(__dirname, '..', '..');

/** Sizes in bytes: of what is downloaded, of what is then on the disk, and of all that has to come with it. */
export function sizeRows(): Row[] {
  const { size, unpackedSize } = packed();
  const packages = runtimePackages(root);
  const others = packages.reduce((sum, folder) => sum + bytesIn(folder), 0);
  return [
    exactly('package, packed', 'bytes', size),
    exactly('package, unpacked', 'bytes', unpackedSize),
    exactly(`its ${packages.length} runtime dependencies, unpacked`, 'bytes', others),
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
  // A list, and in newer releases of npm an object by the package's name.
  const [only] = Object.values(JSON.parse(json) as Record<string, Packed>);
  if (only === undefined) throw new Error('npm pack has packed nothing');
  return only;
}

/** The folders of all that the package depends on, without what an application brings: the API and other peers. */
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
  for (let place = from; ; place = dirname(place)) {
    const folder = join(place, 'node_modules', name);
    if (existsSync(folder)) return folder;
    if (dirname(place) === place) throw new Error(`${name} is not installed, which ${from} depends on`);
  }
}

/** Nested packages are counted on their own. */
function bytesIn(folder: string): number {
  return readdirSync(folder)
    .filter(name => name !== 'node_modules')
    .map(name => join(folder, name))
    .reduce((sum, path) => {
      const stat = lstatSync(path);
      return sum + (stat.isDirectory() ? bytesIn(path) : stat.size);
    }, 0);
}
