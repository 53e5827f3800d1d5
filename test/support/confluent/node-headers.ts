import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Returns the folder that contains `include/node`, the C++ headers of a Node.js executable. Usually `include` is next
 * to `bin`. If Node.js comes from the npm package `node`, a separate package for the platform has the headers.
 */
export function nodeHeaders(node: string): string | undefined {
  const prefix = dirname(dirname(realpathSync(node)));
  const platform = join('node_modules', `node-${process.platform}-${process.arch}`);
  return [prefix, join(prefix, platform)].find(folder =>
    existsSync(join(folder, 'include', 'node', 'node.h')),
  );
}
