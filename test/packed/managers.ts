import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run, type CommandResult } from './command';
import { npmProgram, registry } from './npm';
import type { Tools } from './tools';

/** The folder of an application, and its Node.js executable. */
export interface Project {
  readonly folder: string;
  readonly node: string;
}

/** A package manager: how to install packages, and how to run programs. */
export interface PackageManager {
  readonly name: string;
  /** Path of its JavaScript file. */
  program(tools: Tools): string;
  /** Configuration files of the package manager, with their contents. */
  readonly files: Readonly<Record<string, string>>;
  readonly add: readonly string[];
  /** Arguments that run a command of an installed package. */
  readonly exec: readonly string[];
  /** Node.js options that a program needs to find its packages. */
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
  // `pnpm add` would fail, because pnpm does not run the install script of protobufjs, a package of the SDK. This
  // setting allows that.
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
    // Without this file, yarn would use a project in a parent folder.
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

/** Creates an empty application, like `npm init`. */
export function createProject(manager: PackageManager, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const manifest = { name: 'program', version: '1.0.0', private: true };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));
  for (const [name, text] of Object.entries(manager.files)) writeFileSync(join(folder, name), text);
}

/** Runs the package manager in the folder of the application. */
export function runManager(
  manager: PackageManager,
  tools: Tools,
  { folder, node }: Project,
  args: readonly string[],
): Promise<CommandResult> {
  return run({
    node,
    file: manager.program(tools),
    args,
    cwd: folder,
    // Put this Node.js first on the PATH, because commands of packages use the first one.
    env: {
      ...registry(),
      YARN_CACHE_FOLDER: tools.cache,
      PATH: [dirname(node), process.env['PATH'] ?? ''].join(delimiter),
    },
  });
}
