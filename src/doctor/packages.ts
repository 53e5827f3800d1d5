/** Installed packages, found as Node.js finds them, without loading any. */
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
 * Yarn's Plug'n'Play has no `node_modules`, but has an API if it runs the doctor. The folder is resolved, because a package's
 * `exports` may not include its package.json.
 */
function findWithPnp(name: string, from: string): Package | undefined {
  const { findPnpApi } = nodeModule as PnpModule;
  try {
    const folder = findPnpApi?.(`${from}/`)?.resolveToUnqualified(name, `${from}/`);
    return folder ? readPackage(folder) : undefined;
  } catch {
    // Not a declared dependency there.
    return undefined;
  }
}

/** Every copy of every package that these can load through their declared dependencies, each folder once. */
export function reachablePackages(roots: readonly Package[]): Package[] {
  const found = new Map(roots.map(root => [root.folder, root]));
  // The loop also visits what it adds.
  for (const { folder, manifest } of found.values()) {
    for (const name of dependencyNames(manifest)) {
      const dependency = findPackage(name, folder);
      if (dependency && !found.has(dependency.folder)) found.set(dependency.folder, dependency);
    }
  }
  return [...found.values()];
}

/** Includes development dependencies. Those of installed packages do not exist and so are not found. */
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
