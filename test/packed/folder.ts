import { existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Creates a temporary folder for applications.
 *
 * @throws Error if a parent folder has a `node_modules`, because the applications would find its packages
 */
export function newFolder(): string {
  const temporary = realpathSync(tmpdir());
  for (let folder = temporary; ; folder = dirname(folder)) {
    const packages = join(folder, 'node_modules');
    if (existsSync(packages))
      throw new Error(
        `Programs in ${temporary} would find the packages in ${packages}: remove it, or set TMPDIR to another folder`,
      );
    if (dirname(folder) === folder) return mkdtempSync(join(temporary, 'packed-'));
  }
}
