import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run, type Ended } from './command';
import { npmProgram, registry } from './npm';
import type { Tools } from './tools';

/** Where a program lives, and what runs it. */
export interface Place {
  readonly folder: string;
  readonly node: string;
}

/** One way to install packages, and to run what was installed. */
export interface PackageManager {
  readonly name: string;
  /** Its program, run by Node.js. */
  program(tools: Tools): string;
  /** What a project of it has from the start, by file name. */
  readonly files: Readonly<Record<string, string>>;
  readonly add: readonly string[];
  /** Runs a command of an installed package. */
  readonly exec: readonly string[];
  /** What Node.js needs to find packages, in the order of its flags. */
  execArgv(folder: string): readonly string[];
}

const none = (): readonly string[] => [];

export const npm: PackageManager = {
  name: 'npm',
  program: () => npmProgram(),
  files: {},
  add: ['install', '--no-audit', '--no-fund'],
  exec: ['exec', '--no', '--'],
  execArgv: none,
};

export const pnpm: PackageManager = {
  name: 'pnpm',
  program: tools => tools.file('pnpm', 'bin/pnpm.mjs'),
  // The SDK's protobufjs has a script, which pnpm does not run, and would fail for not having run.
  files: { 'pnpm-workspace.yaml': 'strictDepBuilds: false\n' },
  add: ['add'],
  exec: ['exec'],
  execArgv: none,
};

export const yarnClassic: PackageManager = {
  name: 'yarn 1',
  program: tools => tools.file('yarn', 'bin/yarn.js'),
  files: {},
  add: ['add', '--non-interactive'],
  exec: ['--silent', 'run'],
  execArgv: none,
};

const yarnBerry = (linker: 'node-modules' | 'pnp'): Omit<PackageManager, 'execArgv'> => ({
  name: `yarn 4, ${linker === 'pnp' ? 'PnP' : 'node_modules'}`,
  program: tools => tools.file('@yarnpkg/cli-dist', 'bin/yarn.js'),
  files: {
    '.yarnrc.yml': `nodeLinker: ${linker}\nenableTelemetry: false\nenableImmutableInstalls: false\n`,
    // Without it, the project would be the next one above.
    'yarn.lock': '',
  },
  add: ['add'],
  exec: ['run'],
});

export const yarnModules: PackageManager = { ...yarnBerry('node-modules'), execArgv: none };

export const yarnPnp: PackageManager = {
  ...yarnBerry('pnp'),
  execArgv: folder => [
    '--require',
    join(folder, '.pnp.cjs'),
    ...(existsSync(join(folder, '.pnp.loader.mjs'))
      ? ['--experimental-loader', join(folder, '.pnp.loader.mjs')]
      : []),
  ],
};

/** Makes an empty program, as `init` would. */
export function lay(manager: PackageManager, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const manifest = { name: 'program', version: '1.0.0', private: true };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));
  for (const [name, text] of Object.entries(manager.files)) writeFileSync(join(folder, name), text);
}

/** Runs the package manager in the program's folder. */
export function call(
  manager: PackageManager,
  tools: Tools,
  { folder, node }: Place,
  args: readonly string[],
): Promise<Ended> {
  return run({
    node,
    file: manager.program(tools),
    args,
    cwd: folder,
    // Commands of packages are run by the first Node.js on the path.
    env: {
      ...registry(),
      YARN_CACHE_FOLDER: tools.cache,
      PATH: [dirname(node), process.env['PATH'] ?? ''].join(delimiter),
    },
  });
}
