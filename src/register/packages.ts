import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Resolves an optional peer: from this package first (in a container it lies outside of the program's tree, and brings its own), then
 * from the working directory and from the program's main script.
 */
export function findPackage(name: string): string | undefined {
  return resolveFrom([__dirname, process.cwd(), folderOfMainScript()], name);
}

/** The same for what is the program's own, where this package may have a copy for itself. */
export function findPackageOfProgram(name: string): string | undefined {
  return resolveFrom([folderOfMainScript(), process.cwd()], name);
}

/** The version of the package that a file belongs to; its manifest may not be among its exports. */
export function versionOfPackage(file: string): unknown {
  const folder = dirname(file);
  if (folder === file) return undefined;
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: unknown };
    if (manifest.version !== undefined) return manifest.version;
  } catch {
    // None here, or one that says something else: the folder above has it.
  }
  return versionOfPackage(folder);
}

function resolveFrom(places: readonly (string | undefined)[], name: string): string | undefined {
  for (const place of places) {
    if (place === undefined) continue;
    try {
      return require.resolve(name, { paths: [place] });
    } catch {
      // Not to be had from there.
    }
  }
  return undefined;
}

function folderOfMainScript(): string | undefined {
  try {
    return process.argv[1] === undefined ? undefined : dirname(realpathSync(process.argv[1]));
  } catch {
    return undefined;
  }
}
