import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Returns the folder that contains `include/node`, the C++ headers of a Node.js executable. In archives, Debian packages and
 * images, `include` is next to `bin`. With the npm package `node`, the headers are in the package for the platform.
 */
export function nodeHeaders(node: string): string | undefined {
  const prefix = dirname(dirname(realpathSync(node)));
  const platform = join('node_modules', `node-${process.platform}-${process.arch}`);
  return [prefix, join(prefix, platform)].find(folder =>
    existsSync(join(folder, 'include', 'node', 'node.h')),
  );
}
