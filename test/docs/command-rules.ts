/** Checks the commands on a page of the docs without running them. Every program has its own rule. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readArguments } from '../../src/doctor/cli';
import { preloadsOf, type Command } from './commands';
import { ROOT } from './pages';

interface Manifest {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** Returns the scripts of the package.json in a page's folder, if there is one. */
function scriptsIn(folder: string): Manifest['scripts'] {
  const file = join(ROOT, folder, 'package.json');
  if (!existsSync(file)) return {};
  return (JSON.parse(readFileSync(file, 'utf8')) as Partial<Manifest>).scripts ?? {};
}

const resolve = createRequire(join(ROOT, 'package.json'));

type Rule = (command: Command, args: readonly string[]) => string | undefined;

/**
 * Returns what is wrong with a command, or `undefined`. A program without a rule is an error, because every new program
 * needs a rule here.
 */
export function problemOf(command: Command): string | undefined {
  const [program, ...args] = command.words;
  // This line sets only variables, which test/docs/variables.ts checks.
  if (program === undefined) return undefined;
  const rule = Object.hasOwn(RULES, program) ? RULES[program] : undefined;
  const problem = rule
    ? rule(command, args)
    : `no rule for "${program}"; add one to test/docs/command-rules.ts`;
  return problem === undefined ? undefined : `${command.place}: ${command.text}: ${problem}`;
}

const RULES: Readonly<Record<string, Rule>> = {
  npm,
  npx,
  node,
  docker,
  esbuild: (_, args) =>
    args.length > 0 && existsIn('esbuild') ? undefined : 'this program is not installed',
  cd: ({ page }, [folder = '']) => thereIs(page, folder),
  bun: preloaded,
  deno: preloaded,
  psql: fileBehindFlag,
  kubectl: fileBehindFlag,
  git: (_, [verb]) => (verb === 'clone' ? undefined : 'a reader needs only `git clone`'),
  // Checks only the address. Some program on the page must listen there.
  curl: (_, args) =>
    args.some(arg => /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1)[:/]/.test(arg)) ? undefined : 'not local',
};

/** npm commands that mean the same in every repository. */
const OF_NPM = ['ci', 'dedupe', 'audit', 'pack'];

/** The script that starts the program of the reader. This repository has no such script. */
const OF_READERS = 'start';

function npm({ page }: Command, [verb = '', ...rest]: readonly string[]): string | undefined {
  if (verb === 'install') return firstOf(rest.filter(isNoFlag), installable);
  if (OF_NPM.includes(verb)) return undefined;
  const name = verb === 'run' ? rest[0] : verb;
  if (name === undefined) return 'it does not name a script';
  // The scripts of an example have their own tests.
  if (scriptsIn(dirname(page))[name] !== undefined && dirname(page) !== '.') return undefined;
  if (name === OF_READERS && !page.startsWith('examples/')) return undefined;
  const script = manifest.scripts[name];
  if (script === undefined) return `package.json has no script "${name}"`;
  const args = rest.includes('--') ? rest.slice(rest.indexOf('--') + 1) : [];
  return firstOf(args, arg => (isNoFlag(arg) ? positional(arg, args) : flagOf(script, arg)));
}

function npx(_: Command, [program = '', ...args]: readonly string[]): string | undefined {
  if (program === `${manifest.name}-viewer`) return viewer(args);
  if (program !== manifest.name) return existsIn(program) ? undefined : `${program} is not installed`;
  try {
    readArguments(args);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** The command of a program must follow after `--`. With `--attach`, the viewer starts no program. */
function viewer(args: readonly string[]): string | undefined {
  const [separator, program] = args.filter(arg => arg === '--' || isNoFlag(arg));
  return args.includes('--attach') || (separator === '--' && program !== undefined)
    ? undefined
    : 'expected -- and the command of a program';
}

/** Bun and Deno have their own ways to name a preloaded package. `npm run test:runtimes` runs such commands. */
function preloaded(_: Command, args: readonly string[]): string | undefined {
  const name = args[args.indexOf('--preload') + 1]?.replace(/^npm:/, '');
  return name === `${manifest.name}/register` ? undefined : 'it does not preload register';
}

/**
 * Checks that packages export their preloaded modules. Files belong to the reader, so test/e2e/docs checks them by
 * running the commands.
 */
function node(command: Command): string | undefined {
  return firstOf(preloadsOf(command), preload => {
    if (preload.startsWith('.')) return undefined;
    try {
      resolve.resolve(preload);
      return undefined;
    } catch (error) {
      // Other loaders are no dependencies of this repository. The tests that use them install them.
      return isInstalledByTests(preload) ? undefined : String(error);
    }
  });
}

function isInstalledByTests(preload: string): boolean {
  const name = preload.split('/').slice(0, preload.startsWith('@') ? 2 : 1);
  if (name.join('/') === manifest.name) return false;
  const folder = join(ROOT, 'test');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.test.ts') && !/\bdocs\b/.test(file))
    .some(file => readFileSync(join(folder, file), 'utf8').includes(`'${name.join('/')}`));
}

/** For programs that read a file, whose path follows after a flag. */
function fileBehindFlag({ page }: Command, args: readonly string[]): string | undefined {
  const file = args[args.findIndex(arg => arg === '-f' || arg === '--file') + 1];
  return file === undefined ? 'expected -f or --file with a file' : thereIs(page, file);
}

/** Checks images. A compose file or Dockerfile of this repository must use the same image and version. */
function docker(command: Command, [verb = '', ...args]: readonly string[]): string | undefined {
  if (verb === 'compose') return existsSync(join(ROOT, 'docker-compose.yml')) ? undefined : 'no compose file';
  if (verb === 'build' || verb === 'buildx') return thereIs(command.page, args.at(-1) ?? '');
  const images = args.filter(arg => /^[\w./-]+:[\w.-]+$/.test(arg) && !/^\d+:\d+$/.test(arg));
  if (images.length === 0) return 'it does not name an image with a version';
  const known = imagesOfRepository();
  return firstOf(images, image =>
    known.includes(image) ? undefined : `unknown image ${image}; expected one of ${known.join(', ')}`,
  );
}

/** A version in a compose file is a variable with a default: `apache/kafka:${KAFKA_VERSION:-4.4.0}`. */
function imagesOfRepository(): string[] {
  const files = readdirSync(ROOT).filter(name => /^docker-compose.*\.ya?ml$/.test(name));
  return files.flatMap(file =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/image: (\S+)/g)].map(([, image = '']) =>
      image.replace(/\$\{\w+:-([^}]*)\}/g, '$1'),
    ),
  );
}

function installable(specifier: string): string | undefined {
  const [, name = specifier, version] = /^(@?[^@]+)(?:@(.*))?$/.exec(specifier) ?? [];
  const all = { ...manifest.devDependencies, ...manifest.dependencies, ...manifest.peerDependencies };
  if (name === manifest.name) return undefined;
  const range = all[name];
  if (range === undefined) return `${name} is not in package.json`;
  return version === undefined || version === range
    ? undefined
    : `${name} must have the version ${range}, as in package.json`;
}

/** Checks an argument. It must be an existing path, or the value of the flag before it. */
function positional(arg: string, args: readonly string[]): string | undefined {
  const before = args[args.indexOf(arg) - 1];
  if (before?.startsWith('--') && !before.includes('=')) return undefined;
  return existsSync(join(ROOT, arg)) ? undefined : `${arg} does not exist`;
}

/** Checks that a flag appears in the source of its script. */
function flagOf(script: string, arg: string): string | undefined {
  const [flag = ''] = arg.split('=');
  const spelt = new RegExp(`(?:${flag}\\b|\\b['"]?${flag.replace(/^--/, '')}['"]?: \\{)`);
  return sourcesOf(script).some(source => spelt.test(source))
    ? undefined
    : `the script does not read ${flag}`;
}

function sourcesOf(script: string): string[] {
  if (script === 'jest') return [readFileSync(join(ROOT, 'node_modules/jest-cli/build/index.js'), 'utf8')];
  const entries = [...script.matchAll(/\S+\.(?:ts|mjs)\b/g)].map(([entry]) => join(ROOT, entry));
  const folders = new Set([...entries, ...entries.flatMap(loadedBy)].map(file => dirname(file)));
  return [...folders].flatMap(folder =>
    readdirSync(folder)
      .filter(name => /\.(?:ts|mjs)$/.test(name))
      .map(name => readFileSync(join(folder, name), 'utf8')),
  );
}

/** Returns the files that the entry file of a script loads. An entry file only loads the actual program. */
const loadedBy = (entry: string): string[] =>
  existsSync(entry)
    ? [...readFileSync(entry, 'utf8').matchAll(/'(\.\.?\/[^']+\.(?:ts|mjs))'/g)].map(([, path = '']) =>
        join(dirname(entry), path),
      )
    : [];

const isNoFlag = (word: string): boolean => !word.startsWith('-');
const existsIn = (program: string): boolean => existsSync(join(ROOT, 'node_modules', '.bin', program));
const thereIs = (page: string, path: string): string | undefined =>
  existsSync(join(ROOT, dirname(page), path)) || existsSync(join(ROOT, path))
    ? undefined
    : `${path} does not exist`;

function firstOf(items: readonly string[], check: (item: string) => string | undefined): string | undefined {
  return items.map(check).find(complaint => complaint !== undefined);
}
