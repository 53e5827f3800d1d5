/** How a program is started: its file, what is preloaded, and its environment variables. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Environment } from '../config/environment';
import { owningPackage, type Package } from '../support/packages';
import { mergeOptions, nodeCommands, nodeOptions, type NodeCommand, type NodeOptions } from './node-command';

export interface Start {
  /** The program's file. */
  readonly entry: string;
  /** The folder in which the program is started. Relative preloads are resolved from here. */
  readonly folder: string;
  /** The package that the program belongs to, if any. */
  readonly project: Package | undefined;
  /** The script of package.json that starts the program, if there is one. */
  readonly script: string | undefined;
  /** The command that runs the program, if it is not Node.js itself. */
  readonly runner: string | undefined;
  readonly options: NodeOptions;
  readonly environment: Environment;
}

/** What the caller of the doctor asks for. */
export interface StartRequest {
  readonly entry?: string | undefined;
  readonly folder: string;
  readonly options: NodeOptions;
  readonly environment: Environment;
}

/** Its message is shown to the user. */
export class ProgramNotFound extends Error {}

export function findStart({
  entry: requested,
  folder: currentFolder,
  options,
  environment,
}: StartRequest): Start {
  const given = requested === undefined ? undefined : resolve(currentFolder, requested);
  const isFolder = given !== undefined && isDirectory(given);
  const named = isFolder ? undefined : given;
  const isProject = ({ name, manifest }: Package): boolean =>
    name !== '' || manifest.scripts !== undefined || manifest.dependencies !== undefined;
  const project = owningPackage(named ? dirname(named) : (given ?? currentFolder), isProject);
  const folder = project?.folder ?? (named ? dirname(named) : currentFolder);
  const script = scriptThatStarts(folder, project, named);
  const entry = named ?? script?.file ?? mainOf(folder, project);
  if (entry === undefined)
    throw new ProgramNotFound(
      `no program found in ${folder}: package.json has neither a script that starts one nor "main". Pass its file: kafka-otel doctor app.js`,
    );
  const found = withExtension(entry);
  if (found === undefined)
    throw new ProgramNotFound(
      `file not found: ${entry}${requested === undefined ? ', which package.json names. Build the program first, or pass another file' : ''}`,
    );
  const variables = { ...environment, ...script?.command.environment };
  const all = mergeOptions(
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
    environment: { ...readEnvFiles(all.envFiles, folder), ...variables },
  };
}

interface Script {
  readonly name: string;
  readonly command: NodeCommand;
  readonly file: string;
}

/** The script that starts the given file, or any file if no file is given. The script `start` is preferred. */
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

/** Completes a path like Node.js. In TypeScript, `./a.js` may mean `a.ts`. */
export function withExtension(path: string): string | undefined {
  const typescript = path.replace(/\.([cm]?)js$/, '.$1ts');
  return [...EXTENSIONS.map(extension => path + extension), typescript].find(isFile);
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();
const isDirectory = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** The variables in the files of `--env-file`. */
function readEnvFiles(files: readonly string[], folder: string): Record<string, string> {
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
    // If the file is missing, Node.js reports it when the program is started.
    return '';
  }
}
