import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';

/** The `package.json` that a file belongs to: the nearest one above it with a name and a version. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

export function nearestManifest(file: string): Manifest | undefined {
  const folder = dirname(file);
  if (folder === file) return undefined;
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name?: unknown;
      version?: unknown;
    };
    if (typeof name === 'string' && typeof version === 'string') return { name, version, folder };
  } catch {
    // No manifest here, or an unreadable one. Look in the folder above.
  }
  return nearestManifest(folder);
}

/** The exports of copies of a package's file that are loaded already, also by an `import` of the CommonJS package. */
export function loadedCopies(
  packageName: string,
  file: string,
  supportedVersions: readonly string[],
): unknown[] {
  // `require.cache` of a bundle is the bundler's own. The file given here does not matter.
  const { cache } = createRequire(process.execPath);
  const path = sep + file.replaceAll('/', sep);
  return Object.entries(cache).flatMap(([loaded, module]) => {
    if (!loaded.endsWith(path) || !module) return [];
    const manifest = nearestManifest(loaded);
    if (manifest?.name !== packageName || !isInRange(manifest.version, supportedVersions)) return [];
    return [module.exports as unknown];
  });
}

/**
 * True if a version is in one of the ranges, each of the form `>=1.4.0 <3`. A prerelease counts as the release that follows
 * it.
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

const parse = (version: string): number[] => {
  const [release = ''] = version.split(/[-+]/);
  const parts = release.split('.').map(Number);
  return [0, 1, 2].map(index => parts[index] ?? 0);
};

/** NaN for a version that cannot be read, so that no comparison holds. */
function compare(one: readonly number[], other: readonly number[]): number {
  for (const index of [0, 1, 2]) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
