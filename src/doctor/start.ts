/** How a program is started: its file, what Node.js loads before it, and its variables. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Environment } from '../config/environment';
import { nodeCommands, nodeOptions, together, type NodeCommand, type NodeOptions } from './command-line';
import { owningPackage, type Package } from './packages';

export interface Start {
  /** The program's file. */
  readonly entry: string;
  /** Where it is started: relative preloads are looked for here. */
  readonly folder: string;
  /** The package that the program belongs to; absent where no package.json is near. */
  readonly project: Package | undefined;
  /** The script of package.json that starts it, if one does. */
  readonly script: string | undefined;
  /** What runs it, where that is not Node.js itself. */
  readonly runner: string | undefined;
  readonly options: NodeOptions;
  readonly environment: Environment;
}

/** What the caller says of the start, which a script may not. */
export interface Asked {
  readonly entry?: string | undefined;
  readonly folder: string;
  readonly options: NodeOptions;
  readonly environment: Environment;
}

/** There is no program to look at; the message says why. */
export class NoProgram extends Error {}

export function findStart({ entry: asked, folder: place, options, environment }: Asked): Start {
  const given = asked === undefined ? undefined : resolve(place, asked);
  const isFolder = given !== undefined && isDirectory(given);
  const named = isFolder ? undefined : given;
  const isProject = ({ name, manifest }: Package): boolean =>
    name !== '' || manifest.scripts !== undefined || manifest.dependencies !== undefined;
  const project = owningPackage(named ? dirname(named) : (given ?? place), isProject);
  const folder = project?.folder ?? (named ? dirname(named) : place);
  const script = scriptThatStarts(folder, project, named);
  const entry = named ?? script?.file ?? mainOf(folder, project);
  if (entry === undefined) throw new NoProgram(`no program found in ${folder}: name its file`);
  const found = withExtension(entry);
  if (found === undefined)
    throw new NoProgram(`there is no ${entry}${asked === undefined ? ', which package.json names' : ''}`);
  const variables = { ...environment, ...script?.command.environment };
  const all = together(
    nodeOptions(variables['NODE_OPTIONS'] ?? ''),
    ...(script ? [script.command] : []),
    options,
  );
  return {
    entry: found,
    folder,
    project,
    script: script?.name,
    runner: script && script.command.runner !== 'node' ? script.command.runner : undefined,
    options: all,
    environment: { ...fromFiles(all.envFiles, folder), ...variables },
  };
}

interface Script {
  readonly name: string;
  readonly command: NodeCommand;
  readonly file: string;
}

/** `start` before all others, and only one that starts the file that is asked for. */
function scriptThatStarts(folder: string, project: Package | undefined, named?: string): Script | undefined {
  const scripts = Object.entries(project?.manifest.scripts ?? {});
  const started = scripts.flatMap(([name, text]) =>
    typeof text === 'string' ? nodeCommands(text).flatMap(command => asScript(folder, name, command)) : [],
  );
  const wanted = named === undefined ? undefined : withExtension(named);
  const matching = started.filter(
    ({ file }) => named === undefined || (wanted !== undefined && withExtension(file) === wanted),
  );
  const start =
    matching.find(({ name }) => name === 'start') ?? matching.find(({ name }) => name.startsWith('start'));
  return start ?? (named === undefined ? undefined : matching[0]);
}

const asScript = (folder: string, name: string, command: NodeCommand): Script[] =>
  command.file === undefined ? [] : [{ name, command, file: resolve(folder, command.file) }];

function mainOf(folder: string, project: Package | undefined): string | undefined {
  const { main } = project?.manifest ?? {};
  if (typeof main === 'string') return resolve(folder, main);
  return ['index.js', 'index.mjs', 'index.ts'].map(file => join(folder, file)).find(isFile);
}

const EXTENSIONS = ['', '.js', '.cjs', '.mjs', '.ts', '.cts', '.mts', '/index.js', '/index.ts'];

/** The file that a path means, as Node.js completes it, or as TypeScript writes it: `./a.js` may be `a.ts`. */
export function withExtension(path: string): string | undefined {
  const typescript = path.replace(/\.([cm]?)js$/, '.$1ts');
  return [...EXTENSIONS.map(extension => path + extension), typescript].find(isFile);
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();
const isDirectory = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** As Node.js reads `--env-file`: a variable that is set already wins. */
function fromFiles(files: readonly string[], folder: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const file of files) {
    for (const line of readText(resolve(folder, file)).split('\n')) {
      const [, name, quoted, bare = ''] =
        /^\s*(?:export\s+)?([\w.]+)\s*=\s*(?:(["'`])(?:.*)\2|([^#]*))/.exec(line) ?? [];
      if (name !== undefined) variables[name] = quoted === undefined ? bare.trim() : unquoted(line, quoted);
    }
  }
  return variables;
}

const unquoted = (line: string, quote: string): string =>
  line.slice(line.indexOf(quote) + 1, line.lastIndexOf(quote));

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Node.js itself will say so when the program is started.
    return '';
  }
}
