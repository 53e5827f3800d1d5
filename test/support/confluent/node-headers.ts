import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The prefix of the C++ headers that came with a Node.js executable (`include/node` below it). Archives, Debian packages and images have
 * them beside `bin`, the npm package `node` in its package of the platform.
 */
export function nodeHeaders(node: string): string | undefined {
  const prefix = dirname(dirname(realpathSync(node)));
  const platform = join('node_modules', `node-${process.platform}-${process.arch}`);
  return [prefix, join(prefix, platform)].find(folder =>
    existsSync(join(folder, 'include', 'node', 'node.h')),
  );
}
