import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runSuccessfully } from './command';
import { createProject, npm } from './managers';
import { npmProgram, registry } from './npm';

/** Node.js versions, package managers and compilers, all installed from npm. */
export interface Tools {
  /** Returns the path of a file of an installed tool. */
  file(name: string, path: string): string;
  /** Returns the Node.js executable of a major version. */
  node(major: number): string;
  /** A new cache folder for yarn. From its usual cache, yarn could install an older archive of the same version. */
  readonly cache: string;
}

/** The tools that a complete run needs, by folder name. */
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
  createProject(npm, folder);
  const major = Number(process.versions.node.split('.')[0]);
  const specs = Object.entries(wanted)
    .filter(([name]) => name !== `node-${major}`)
    .map(([name, spec]) => (spec.startsWith(name) ? spec : `${name}@npm:${spec}`));
  await runSuccessfully({
    file: npmProgram(),
    args: [...npm.add, ...specs],
    cwd: folder,
    env: registry(),
  });
  const file = (name: string, path: string): string => {
    const found = join(folder, 'node_modules', name, path);
    if (!existsSync(found)) throw new Error(`${name} was installed without ${path}`);
    return found;
  };
  return {
    file,
    node: wantedMajor => (wantedMajor === major ? process.execPath : file(`node-${wantedMajor}`, 'bin/node')),
    cache: join(folder, 'cache'),
  };
}
