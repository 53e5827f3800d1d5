import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..', '..');

/** A temporary application: a folder with programs and `node_modules`. */
export interface Installation {
  readonly folder: string;
  remove(): void;
}

/**
 * Creates an application that has this package installed. The build is copied, because `register` searches for other
 * packages from its own location and would find all packages of the repository. The other packages are symbolic links.
 *
 * @param packages - packages that the application has installed
 * @param programs - files of `bench/startup` to copy
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
