import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import { runWell } from './command';
import { hasItsPapers, hasItsSources, requiresWhatItDeclares } from './contents';
import { lay, npm } from './managers';
import { npmProgram, registry } from './npm';
import { bundlesAsDeclared, everyFileLoads, namesAreImported, stackNamesSource } from './runtime';
import { ours, type Tarball } from './tarball';

/** What must hold of the package itself, where it is installed alone and without anything for development. */
export const PACKAGE_CHECKS: readonly {
  readonly name: string;
  readonly run: (folder: string, tarball: Tarball) => Promise<void> | void;
}[] = [
  { name: 'licence, README and nothing strange are in it', run: (_folder, tarball) => { hasItsPapers(tarball); } }, // prettier-ignore
  { name: 'every file has its map and its source', run: hasItsSources },
  { name: 'a stack trace names the TypeScript file', run: stackNamesSource },
  { name: 'it requires nothing that it does not declare', run: requiresWhatItDeclares },
  { name: 'every entry and every file loads', run: everyFileLoads },
  { name: 'every name can be imported by an ES module', run: namesAreImported },
  { name: 'a bundler drops it unused, and keeps register', run: bundlesAsDeclared },
];

/** Installs the package and what it depends on, and nothing else. */
export async function installBare(tarball: Tarball, folder: string): Promise<void> {
  lay(npm, folder);
  const args = [...npm.add, '--omit=dev', ours(tarball)];
  await runWell({ file: npmProgram(), args, cwd: folder, env: registry() });
  for (const file of ['named.mjs', 'throws.cjs'])
    cpSync(join(projectRoot, 'fixtures/packed', file), join(folder, file));
}
