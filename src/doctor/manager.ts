/** Changes the commands in advice from npm to the package manager that the project uses. */
import { join } from 'node:path';
import { foldersUpFrom, readPackage } from '../support/packages';
import type { Finding } from './finding';
import { isFile, readText } from './resolve';

interface Commands {
  readonly add: string;
  readonly install: string;
  readonly dedupe: string;
  /** The command that runs the script `build` of one workspace. `$1` stands for the name of the workspace. */
  readonly build: string;
  /** The command that runs an executable of an installed package. */
  readonly run: string;
}

const NPM: Commands = {
  add: 'npm install',
  install: 'npm install',
  dedupe: 'npm dedupe',
  build: 'npm run build -w $1',
  run: 'npx',
};
const YARN: Commands = {
  add: 'yarn add',
  install: 'yarn install',
  dedupe: 'yarn dedupe',
  build: 'yarn workspace $1 run build',
  run: 'yarn',
};

const MANAGERS: Readonly<Record<string, Commands>> = {
  npm: NPM,
  pnpm: {
    add: 'pnpm add',
    install: 'pnpm install',
    dedupe: 'pnpm dedupe',
    build: 'pnpm --filter $1 run build',
    run: 'pnpm exec',
  },
  yarn: YARN,
  // Yarn 1 has no command that removes duplicates.
  yarn1: { ...YARN, dedupe: 'npx yarn-deduplicate && yarn install' },
  // Bun has no command that only removes duplicates, but `bun update` chooses all versions again.
  bun: {
    add: 'bun add',
    install: 'bun install',
    dedupe: 'bun update',
    build: 'bun run --filter $1 build',
    run: 'bunx',
  },
};

const LOCK_FILES: readonly (readonly [file: string, manager: string])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

/**
 * Finds the package manager of the project. It is named by `packageManager` in package.json, or else by the lock file.
 * The nearest folder counts. Default: npm.
 */
function managerOf(folder: string): Commands {
  for (const each of foldersUpFrom(folder)) {
    const [, named = '', major] = /^(\w+)@(\d+)/.exec(readPackage(each)?.manifest.packageManager ?? '') ?? [];
    const [file, locked = ''] = LOCK_FILES.find(([name]) => isFile(join(each, name))) ?? [];
    const manager = named === '' ? locked : named;
    const isYarn1 =
      manager === 'yarn' &&
      (named === '' ? /^# yarn lockfile v1$/m.test(readText(join(each, file ?? ''))) : major === '1');
    const commands = MANAGERS[isYarn1 ? 'yarn1' : manager];
    if (commands) return commands;
  }
  return NPM;
}

/** Replaces the commands of npm in the advice of findings, and sets `command` to the command that the advice contains. */
export function inCommandsOfManager(findings: readonly Finding[], folder: string): Finding[] {
  const { add, install, dedupe, build, run } = managerOf(folder);
  return findings.map(finding => {
    if (finding.do === undefined) return finding;
    const advice = finding.do
      .replace(/`npm install(?= )/g, () => `\`${add}`)
      .replace(/`npm install(?=`)/g, () => `\`${install}`)
      .replace(/`npm run build -w ([^`]+)/g, `\`${build}`)
      .replace(/`npx (?:@org\/(?=kafka-otel))?/g, found => (run === 'npx' ? found : `\`${run} `))
      // This replacement comes last, because the line above would replace the npx in the command for Yarn 1.
      .replace(/`npm dedupe(?=`)/g, () => `\`${dedupe}`);
    const [, command] = /`((?:npm|npx|pnpm|yarn|node|nest|bunx?|deno|esbuild) [^`]+)`/.exec(advice) ?? [];
    return { ...finding, do: advice, ...(command === undefined ? undefined : { command }) };
  });
}
