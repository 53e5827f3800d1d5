/** Installed packages, found as Node.js finds them, and without loading any. */
import { readFileSync, realpathSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';

type Dependencies = Readonly<Record<string, string>>;

/** What is read of a package.json. */
export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly type?: string;
  readonly main?: string;
  readonly engines?: { readonly node?: string };
  readonly scripts?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
}

/** A folder with a package.json in it. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** Where it really lies, behind the symbolic links of pnpm and of workspaces; under Plug'n'Play, where its peers are found from. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export function readPackage(folder: string): Package | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null) return undefined;
    const { name = '', version = '' } = manifest as Manifest;
    return { name, version, folder: placeOf(folder), manifest };
  } catch {
    // None here, or none that can be read.
    return undefined;
  }
}

/** Where a path really leads. Plug'n'Play has one path for each set of peers that a package is given; the one behind them has none. */
export function placeOf(path: string): string {
  return 'pnp' in process.versions ? path : realpathSync(path);
}

/** The package that a file or folder belongs to: the nearest above it that is accepted. */
export function owningPackage(
  path: string,
  accepts: (found: Package) => boolean = () => true,
): Package | undefined {
  for (const folder of upwards(path)) {
    const found = readPackage(folder);
    if (found && accepts(found)) return found;
  }
  return undefined;
}

/** The copy of a package that code in this folder gets. */
export function findPackage(name: string, from: string): Package | undefined {
  for (const folder of upwards(from)) {
    const found = readPackage(join(folder, 'node_modules', name));
    if (found) return found;
  }
  return findByResolver(name, from);
}

/** What Plug'n'Play adds to `node:module` where the doctor is run through it. */
interface PnpModule {
  readonly findPnpApi?: (
    from: string,
  ) => { resolveToUnqualified(name: string, issuer: string): string | null } | null;
}

/**
 * Yarn's Plug'n'Play has no folders to walk, but answers here when the doctor is run through it. It is asked for the folder: a manifest
 * may not be among a package's exports.
 */
function findByResolver(name: string, from: string): Package | undefined {
  const { findPnpApi } = nodeModule as PnpModule;
  try {
    const folder = findPnpApi?.(`${from}/`)?.resolveToUnqualified(name, `${from}/`);
    return folder ? readPackage(folder) : undefined;
  } catch {
    // Not declared there.
    return undefined;
  }
}

/** Every copy of every package that these can get at, by their declared dependencies; each real folder once. */
export function reachablePackages(roots: readonly Package[]): Package[] {
  const found = new Map(roots.map(root => [root.folder, root]));
  // Grows while it is walked, and ends when no package names one that is not there yet.
  for (const { folder, manifest } of found.values()) {
    for (const name of dependencyNames(manifest)) {
      const dependency = findPackage(name, folder);
      if (dependency && !found.has(dependency.folder)) found.set(dependency.folder, dependency);
    }
  }
  return [...found.values()];
}

/** Development dependencies too: of an installed package they are not there, and so not found. */
export function dependencyNames(manifest: Manifest): string[] {
  return Object.keys({
    ...manifest.devDependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
    ...manifest.dependencies,
  });
}

/** `@scope/name` or `name` of what is required or imported; `undefined` for a path. */
export function packageNameOf(specifier: string): string | undefined {
  if (/^(?:[./\\#]|[A-Za-z]:[\\/]|(?:node|file|data):)/.test(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}

function* upwards(path: string): Generator<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    yield folder;
    if (dirname(folder) === folder) return;
  }
}
