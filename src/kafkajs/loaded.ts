import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { isKafkaClass, type KafkaClass } from './types';

const INNER = ['src', 'index.js'].join(sep);

/**
 * Copies of kafkajs that are loaded already. One that was imported as an ES module stands in the same cache, since it is
 * CommonJS all the same.
 */
export function loadedBefore(): KafkaClass[] {
  // In a bundle, `require.cache` would be the bundler's, or nothing. The file that a require is made for plays no part.
  const { cache } = createRequire(process.execPath);
  return Object.entries(cache).flatMap(([file, module]) => {
    if (!file.endsWith(sep + INNER) || !isKafkaClass(module?.exports) || !isKafkaJs(file)) return [];
    return [module.exports];
  });
}

/** Whether the file belongs to a package of that name, in a version that is supported. */
function isKafkaJs(file: string): boolean {
  try {
    const manifest = JSON.parse(readFileSync(join(dirname(file), '..', 'package.json'), 'utf8')) as {
      name?: unknown;
      version?: unknown;
    };
    return manifest.name === 'kafkajs' && isSupportedVersion(manifest.version);
  } catch {
    return false;
  }
}

/** Prereleases count as the release that they precede. */
export function isSupportedVersion(version: unknown): boolean {
  const [major = NaN, minor = NaN] = String(version).split('.').map(Number);
  return major === 2 || (major === 1 && minor >= 4);
}
