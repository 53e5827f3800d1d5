import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import { runSuccessfully } from './command';
import { hasRequiredFiles, hasSourceMaps, requiresWhatItDeclares } from './contents';
import { createProject, npm } from './managers';
import { npmProgram, registry } from './npm';
import { bundlesAsDeclared, everyFileLoads, namesAreImported, stackNamesSource } from './runtime';
import { specifierOf, type Tarball } from './tarball';

/** Checks of the package itself. It is installed alone, without dev dependencies. */
export const PACKAGE_CHECKS: readonly {
  readonly name: string;
  readonly run: (folder: string, tarball: Tarball) => Promise<void> | void;
}[] = [
  { name: 'contains a licence, a README and no unexpected files', run: (_folder, tarball) => { hasRequiredFiles(tarball); } }, // prettier-ignore
  { name: 'every file has a source map with its source', run: hasSourceMaps },
  { name: 'a stack trace names the TypeScript file', run: stackNamesSource },
  { name: 'requires only declared dependencies', run: requiresWhatItDeclares },
  { name: 'every entry point and every file loads', run: everyFileLoads },
  { name: 'an ES module can import every name', run: namesAreImported },
  { name: 'a bundler removes the unused package, but keeps register', run: bundlesAsDeclared },
];

/** Installs only this package and its dependencies. */
export async function installBare(tarball: Tarball, folder: string): Promise<void> {
  createProject(npm, folder);
  const args = [...npm.add, '--omit=dev', specifierOf(tarball)];
  await runSuccessfully({ file: npmProgram(), args, cwd: folder, env: registry() });
  for (const file of ['named.mjs', 'throws.cjs'])
    cpSync(join(projectRoot, 'fixtures/packed', file), join(folder, file));
}
