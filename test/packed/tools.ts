import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runWell } from './command';
import { lay, npm } from './managers';
import { npmProgram, registry } from './npm';

/** Node.js, package managers and compilers from npm, in a folder of their own. */
export interface Tools {
  /** A file of an installed tool. */
  file(name: string, path: string): string;
  /** A Node.js of that major version. */
  node(major: number): string;
  /** For package managers whose own cache would mistake one tarball for another of the same version. */
  readonly cache: string;
}

/** All that the whole run needs, by the name it is called. */
export const ALL_TOOLS: Readonly<Record<string, string>> = {
  pnpm: 'pnpm@12',
  yarn: 'yarn@1',
  '@yarnpkg/cli-dist': '@yarnpkg/cli-dist@4',
  'node-20': 'node@20',
  'node-24': 'node@24',
  'typescript-5.4': 'typescript@~5.4',
  'typescript-6': 'typescript@6',
  'typescript-7': 'typescript@7',
};

export async function installTools(folder: string, wanted: Readonly<Record<string, string>>): Promise<Tools> {
  lay(npm, folder);
  const major = Number(process.versions.node.split('.')[0]);
  const specs = Object.entries(wanted)
    .filter(([name]) => name !== `node-${major}`)
    .map(([name, spec]) => (spec.startsWith(name) ? spec : `${name}@npm:${spec}`));
  await runWell({
    file: npmProgram(),
    args: [...npm.add, ...specs],
    cwd: folder,
    env: registry(),
  });
  const file = (name: string, path: string): string => {
    const found = join(folder, 'node_modules', name, path);
    if (!existsSync(found)) throw new Error(`${name} came without ${path}`);
    return found;
  };
  return {
    file,
    node: wantedMajor => (wantedMajor === major ? process.execPath : file(`node-${wantedMajor}`, 'bin/node')),
    cache: join(folder, 'cache'),
  };
}
