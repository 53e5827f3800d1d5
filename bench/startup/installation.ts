import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..', '..');

/** A folder as an application's is: programs, and beside them the packages that it has installed. */
export interface Installation {
  readonly folder: string;
  remove(): void;
}

/**
 * Installs this package, of what is built, and links to the other ones. `register` looks for the SDK and for further
 * instrumentations from where it is installed: in the repository itself it would always find them all.
 *
 * @param packages - what the application has installed beside it
 * @param programs - files of this folder
 */
export function install(packages: readonly string[], programs: readonly string[]): Installation {
  const folder = mkdtempSync(join(tmpdir(), 'start-up-'));
  const modules = join(folder, 'node_modules');
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  const { name, dependencies } = JSON.parse(text) as { name: string; dependencies: Record<string, string> };
  for (const file of ['package.json', 'dist']) {
    cpSync(join(root, file), join(modules, name, file), { recursive: true });
  }
  for (const linked of new Set([...Object.keys(dependencies), ...packages])) {
    const link = join(modules, linked);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', linked), link, 'junction');
  }
  for (const program of programs) cpSync(join(__dirname, program), join(folder, program));
  return {
    folder,
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
