/** Finds installed packages as Node.js finds them, but does not load them. */
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { foldersUpFrom, readPackage, type Manifest, type Package } from '../support/packages';

/** The copy of a package that code in this folder loads. */
export function findPackage(name: string, from: string): Package | undefined {
  for (const folder of foldersUpFrom(from)) {
    const found = readPackage(join(folder, 'node_modules', name));
    if (found) return found;
  }
  return findWithPnp(name, from);
}

/** What Plug'n'Play adds to `node:module`. */
interface PnpModule {
  readonly findPnpApi?: (
    from: string,
  ) => { resolveToUnqualified(name: string, issuer: string): string | null } | null;
}

/**
 * Yarn's Plug'n'Play has no `node_modules`. It offers an API if it runs the doctor. The API is asked for the package's folder
 * and not for its package.json, because `exports` may not include package.json.
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
 * Every copy of every package that these packages can load through their declared dependencies. Each folder is listed once.
 */
export function reachablePackages(roots: readonly Package[]): Package[] {
  const found = new Map(roots.map(root => [root.folder, root]));
  // The loop also visits packages that are added while it runs.
  for (const { folder, manifest } of found.values()) {
    for (const name of dependencyNames(manifest)) {
      const dependency = findPackage(name, folder);
      if (dependency && !found.has(dependency.folder)) found.set(dependency.folder, dependency);
    }
  }
  return [...found.values()];
}

/** Includes development dependencies. Those of installed packages are not installed, so the search does not find them. */
export function dependencyNames(manifest: Manifest): string[] {
  return Object.keys({
    ...manifest.devDependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
    ...manifest.dependencies,
  });
}

/** The `@scope/name` or `name` in an import specifier. `undefined` for a path. */
export function packageNameOf(specifier: string): string | undefined {
  if (/^(?:[./\\#]|[A-Za-z]:[\\/]|(?:node|file|data):)/.test(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}
