import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Resolves an optional peer: from this package first (in a container it lies outside of the program's tree, and brings its own), then
 * from the working directory and from the program's main script.
 */
export function findPackage(name: string): string | undefined {
  for (const place of [__dirname, process.cwd(), folderOfMainScript()]) {
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
