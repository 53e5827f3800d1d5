import { existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * A new temporary folder for programs.
 *
 * @throws Error if programs in there would find packages that nobody installed for them
 */
export function newFolder(): string {
  const temporary = realpathSync(tmpdir());
  for (let folder = temporary; ; folder = dirname(folder)) {
    const packages = join(folder, 'node_modules');
    if (existsSync(packages))
      throw new Error(`${packages} would serve every program in ${temporary}; remove it, or set TMPDIR`);
    if (dirname(folder) === folder) return mkdtempSync(join(temporary, 'packed-'));
  }
}
