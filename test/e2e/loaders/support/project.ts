import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages } from '../../../support/installed';
import { projectRoot } from '../../../support/program';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Creates an empty folder outside this repository. The folder is removed after the test file. */
export function emptyFolder(purpose: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `${purpose}-`)));
  folders.push(folder);
  return folder;
}

export interface Layout {
  /** Packages to install in addition to kafkajs, the API, the SDK and this package. */
  readonly packages?: readonly string[];
}

/** Copies a project of fixtures/loaders, installs its packages, and returns its folder. */
export function project(scene: string, { packages = [] }: Layout = {}): string {
  const root = emptyFolder(scene);
  const fixtures = join(projectRoot, 'fixtures');
  cpSync(join(fixtures, 'loaders', scene), join(root, 'loaders', scene), { recursive: true });
  cpSync(join(fixtures, 'loading/round-trip.cjs'), join(root, 'loading/round-trip.cjs'));
  installPackages(root);
  for (const name of packages)
    symlinkSync(realpathSync(join(projectRoot, 'node_modules', name)), join(root, 'node_modules', name));
  return join(root, 'loaders', scene);
}
