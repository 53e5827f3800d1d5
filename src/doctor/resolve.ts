/** Finds packages and files as Node.js, TypeScript and bundlers find them, but does not load them. */
import { existsSync, readdirSync, readFileSync, statSync, type Dirent } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { foldersUpFrom, owningPackage, readPackage, type Package } from '../support/packages';
import { readSource } from './source';

export const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();
export const isDirectory = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** Empty if the file cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

interface EntryBelow {
  readonly path: string;
  readonly entry: Dirent;
}

/** Folders of installed packages, and hidden folders. */
export const FOREIGN_FOLDERS = /^(?:node_modules|\..*)$/;

/**
 * All files and folders below a folder. A folder comes before its content.
 *
 * @param skipped - names of folders to leave out
 * @param depth - how many further levels of folders are entered
 */
export function entriesBelow(folder: string, skipped: RegExp, depth = Infinity): EntryBelow[] {
  return contentOf(folder).flatMap(entry => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [{ path, entry }];
    if (skipped.test(entry.name)) return [];
    return [{ path, entry }, ...(depth > 0 ? entriesBelow(path, skipped, depth - 1) : [])];
  });
}

/** Empty if the folder cannot be read. */
function contentOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

const EXTENSIONS = ['js', 'cjs', 'mjs', 'ts', 'cts', 'mts', 'tsx', 'jsx', 'json', 'node'];

/** What Node.js, compilers or bundlers add to a path. */
const ADDED = ['', ...EXTENSIONS.map(each => `.${each}`), ...EXTENSIONS.map(each => `/index.${each}`)];

/**
 * Adds the extension or index file to a path as Node.js does, or finds the main file of a folder. In TypeScript, `./a.js` may
 * mean `a.ts` or `a.tsx`.
 */
export function withExtension(path: string): string | undefined {
  const { main } = (isDirectory(path) && readPackage(path)?.manifest) || {};
  const fromMain =
    typeof main === 'string' && join(path, main) !== path ? withExtension(join(path, main)) : undefined;
  const typescript = ['ts', 'tsx'].map(each => path.replace(/\.([cm]?)jsx?$/, `.$1${each}`));
  return fromMain ?? [...ADDED.map(added => path + added), ...typescript].find(isFile);
}

/** The file of this package to which an import specifier such as `name/file` leads. */
export const fileOfPackage = (found: Package, specifier: string): string | undefined =>
  firstFile(found.folder, targetsOfPackage(found, specifier));

/** The files to which the specifier may lead, relative to the folder of the package. */
export function targetsOfPackage(
  { name, manifest: { main = 'index.js', exports } }: Package,
  specifier: string,
): string[] {
  const inside = specifier.slice((packageNameOf(specifier) ?? name).length + 1);
  if (exports === undefined) return [inside === '' ? main : inside];
  const isMap = typeof exports === 'object' && Object.keys(exports ?? {}).some(key => key.startsWith('.'));
  return targetsIn(isMap ? exports : { '.': exports }, inside === '' ? '.' : `./${inside}`).filter(isRun);
}

/** Resolves a specifier with `imports` of package.json or `paths` of tsconfig.json. */
export function fileOfAlias(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('#')) {
    const owner = owningPackage(from, ({ manifest }) => manifest.imports !== undefined);
    return owner && firstFile(owner.folder, targetsIn(owner.manifest.imports, specifier));
  }
  for (const folder of foldersUpFrom(from)) {
    const text = ['tsconfig.json', 'jsconfig.json'].map(name => readText(join(folder, name))).find(Boolean);
    if (text === undefined) continue;
    const { baseUrl, paths } = compilerOptions(text);
    const base = join(folder, baseUrl ?? '.');
    return firstFile(base, [...targetsIn(paths, specifier), ...(baseUrl === undefined ? [] : [specifier])]);
  }
  return undefined;
}

/** A tsconfig.json may contain comments and trailing commas, which `JSON.parse` rejects. */
function compilerOptions(text: string): { readonly baseUrl?: string; readonly paths?: unknown } {
  try {
    const settings = JSON.parse(readSource(text).code.replace(/,(?=\s*[}\]])/g, '')) as {
      compilerOptions?: { baseUrl?: string; paths?: unknown };
    };
    return settings.compilerOptions ?? {};
  } catch {
    return {};
  }
}

/** Finds the targets of a key in `exports`, `imports` or `paths`, under any condition. A star stands for any text. */
function targetsIn(map: unknown, key: string): string[] {
  if (typeof map !== 'object' || map === null) return [];
  for (const [pattern, target] of Object.entries(map)) {
    const [head = '', tail] = pattern.split('*');
    if (tail === undefined ? key !== pattern : !key.startsWith(head) || !key.endsWith(tail)) continue;
    const star = tail === undefined ? '' : key.slice(head.length, key.length - tail.length);
    return textsIn(target).map(text => text.replace('*', star));
  }
  return [];
}

const textsIn = (target: unknown): string[] =>
  typeof target === 'string'
    ? [target]
    : typeof target === 'object' && target !== null
      ? Object.values(target).flatMap(textsIn)
      : [];

/** False for declaration files (`.d.ts`). */
const isRun = (target: string): boolean => !/\.d\.[cm]?ts$/.test(target);

/** The first target that exists and is run. */
const firstFile = (folder: string, targets: readonly string[]): string | undefined =>
  targets
    .filter(isRun)
    .map(target => withExtension(join(folder, target)))
    .find(file => file !== undefined);

/** The copy of a package that code in this folder loads. */
export function findPackage(name: string, from: string): Package | undefined {
  for (const folder of foldersUpFrom(from)) {
    const path = join(folder, 'node_modules', name);
    // Most of these folders do not exist, and a failed read is slow.
    const found = existsSync(path) ? readPackage(path) : undefined;
    if (found) return found;
  }
  return findWithPnp(name, from);
}

/** The function that Yarn's Plug'n'Play adds to `node:module`. */
interface PnpModule {
  readonly findPnpApi?: (
    from: string,
  ) => { resolveToUnqualified(name: string, issuer: string): string | null } | null;
}

/**
 * Finds a package with Yarn's API, because Plug'n'Play has no `node_modules`. Yarn is asked only for the folder of the
 * package: a request for package.json would fail if `exports` hides that file.
 */
function findWithPnp(name: string, from: string): Package | undefined {
  const { findPnpApi } = nodeModule as PnpModule;
  try {
    const folder = findPnpApi?.(`${from}/`)?.resolveToUnqualified(name, `${from}/`);
    return folder ? readPackage(folder) : undefined;
  } catch {
    // The package is not a declared dependency of code in that folder.
    return undefined;
  }
}

/**
 * All packages that these packages can load through declared dependencies, directly or indirectly. Each folder is
 * listed once.
 */
export function reachablePackages(roots: readonly Package[]): Package[] {
  const found = new Map(roots.map(root => [root.folder, root]));
  // The loop also visits packages that are added while it runs.
  for (const each of found.values()) {
    for (const name of dependencyNames(each)) {
      const dependency = findPackage(name, each.folder);
      if (dependency && !found.has(dependency.folder)) found.set(dependency.folder, dependency);
    }
  }
  return [...found.values()];
}

/** Includes dev dependencies if the package is not installed: it belongs to the program, which may load them. */
export function dependencyNames(found: Package): string[] {
  const { manifest } = found;
  return Object.keys({
    ...(isInstalled(found) ? undefined : manifest.devDependencies),
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
    ...manifest.dependencies,
  });
}

/** False for a package of the workspace. Its real folder is not in `node_modules`, which contains only a link to it. */
export const isInstalled = ({ folder }: Package): boolean => /[\\/]node_modules[\\/]/.test(folder);

/** The `@scope/name` or `name` in an import specifier. `undefined` for a path. */
export function packageNameOf(specifier: string): string | undefined {
  if (/^(?:[./\\#]|[A-Za-z]:[\\/]|(?:node|file|data):)/.test(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}
