import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';

type Dependencies = Readonly<Record<string, string>>;

export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly type?: string;
  readonly main?: string;
  readonly packageManager?: string;
  readonly workspaces?: unknown;
  readonly exports?: unknown;
  readonly imports?: unknown;
  readonly engines?: { readonly node?: string };
  readonly scripts?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
}

/** A folder with a package.json. */
export interface Package {
  /** Empty if package.json has no name. */
  readonly name: string;
  /** Empty if package.json has no version. */
  readonly version: string;
  /** The path with symbolic links resolved. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The package in exactly this folder. */
export function readPackage(folder: string): Package | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null) return undefined;
    const { name, version } = manifest as { name?: unknown; version?: unknown };
    return {
      name: typeof name === 'string' ? name : '',
      version: typeof version === 'string' ? version : '',
      folder: resolveLinks(folder),
      manifest,
    };
  } catch {
    return undefined;
  }
}

/**
 * Finds the package of a file or folder: the nearest folder upwards with a package.json that `accepts` accepts. By
 * default, a package needs a name and a version, because a package.json in a subfolder often has only a `type`.
 */
export function owningPackage(
  path: string,
  accepts: (found: Package) => boolean = ({ name, version }) => name !== '' && version !== '',
): Package | undefined {
  for (const folder of foldersUpFrom(path)) {
    const found = readPackage(folder);
    if (found && accepts(found)) return found;
  }
  return undefined;
}

/** A path, then each folder above it. */
export function* foldersUpFrom(path: string): Generator<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    yield folder;
    if (dirname(folder) === folder) return;
  }
}

/**
 * Resolves symbolic links. With Yarn Plug'n'Play, the path stays unchanged, because dependencies are found by the
 * unresolved path.
 */
export function resolveLinks(path: string): string {
  return 'pnp' in process.versions ? path : realpathSync(path);
}

/** The exports of each loaded copy of a package's file. CommonJS files that were loaded with `import` are included. */
export function loadedExports(
  packageName: string,
  file: string,
  supportedVersions: readonly string[],
): unknown[] {
  // In a bundle, `require.cache` is the bundler's cache. `createRequire` returns a function with Node's own cache.
  const { cache } = createRequire(process.execPath);
  const path = sep + file.replaceAll('/', sep);
  return Object.entries(cache).flatMap(([loaded, module]) => {
    if (!loaded.endsWith(path) || !module) return [];
    const owner = owningPackage(loaded);
    if (owner?.name !== packageName || !isInRange(owner.version, supportedVersions)) return [];
    return [module.exports as unknown];
  });
}

/**
 * True if a version is in one of the ranges, each of the form `>=1.4.0 <3`. A prerelease such as 2.0.0-beta.1 counts as
 * 2.0.0.
 */
export function isInRange(version: unknown, ranges: readonly string[]): boolean {
  const release = parse(String(version));
  return ranges.some(range =>
    range.split(' ').every(comparator => {
      const [, operator, bound = ''] = /^(>=|<)(.+)$/.exec(comparator) ?? [];
      const order = compare(release, parse(bound));
      return operator === '>=' ? order >= 0 : operator === '<' ? order < 0 : false;
    }),
  );
}

/** True if `one` has a higher major or minor version than `other`. */
export function isLaterMinor(one: string, other: string): boolean {
  return compare([...parse(one).slice(0, 2), 0], [...parse(other).slice(0, 2), 0]) > 0;
}

const parse = (version: string): number[] => {
  const [release = ''] = version.split(/[-+]/);
  const parts = release.split('.').map(Number);
  return [0, 1, 2].map(index => parts[index] ?? 0);
};

/** The difference of two versions. NaN if a version cannot be read, so every comparison with the result is false. */
function compare(one: readonly number[], other: readonly number[]): number {
  for (const index of [0, 1, 2]) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
