/** How a program is started: its file, what is preloaded, and its environment variables. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Environment } from '../config/environment';
import { owningPackage, readPackage, type Package } from '../support/packages';
import {
  mergeOptions,
  nodeCommand,
  nodeCommands,
  nodeOptions,
  shellWords,
  type NodeCommand,
  type NodeOptions,
} from './node-command';
import { readSource } from './source';

export interface Start {
  /** The program's file. */
  readonly entry: string;
  /** Other files that a framework loads by itself. */
  readonly others: readonly string[];
  /** The folder in which the program is started. Relative preloads are resolved from here. */
  readonly folder: string;
  /** The package that the program belongs to, if any. */
  readonly project: Package | undefined;
  /** The script of package.json that starts the program, if there is one. */
  readonly script: string | undefined;
  /** False if only the program's file is known, and not how it is started. */
  readonly isCommandKnown: boolean;
  /** The command that runs the program, if it is not Node.js itself. */
  readonly runner: string | undefined;
  readonly options: NodeOptions;
  /** Where preloads are named, for messages, in the order in which Node.js reads them. */
  readonly origins: readonly { readonly place: string; readonly preloads: readonly string[] }[];
  readonly environment: Environment;
}

/** What the caller of the doctor asks for. */
export interface StartRequest {
  readonly entry?: string | undefined;
  /** The words of the command that starts the program. */
  readonly command?: readonly string[] | undefined;
  readonly folder: string;
  readonly options: NodeOptions;
  readonly environment: Environment;
}

/** Its message is shown to the user. */
export class ProgramNotFound extends Error {}

export function findStart(request: StartRequest): Start {
  const { folder: currentFolder, options, environment } = request;
  const command = request.command && readCommand(request.command);
  const requested = request.entry ?? command?.file;
  const given = requested === undefined ? undefined : resolve(currentFolder, requested);
  const isFolder = given !== undefined && isDirectory(given) && command === undefined;
  const named = isFolder ? undefined : given;
  const isProject = ({ name, manifest }: Package): boolean =>
    name !== '' || manifest.scripts !== undefined || manifest.dependencies !== undefined;
  const project = owningPackage(named ? dirname(named) : (given ?? currentFolder), isProject);
  const folder = project?.folder ?? (named ? dirname(named) : currentFolder);
  const script: Script | undefined = command
    ? { name: undefined, command, file: named, others: [] }
    : scriptThatStarts(folder, project, named);
  const entry = named ?? script?.file ?? mainOf(folder, project);
  if (entry === undefined)
    throw new ProgramNotFound(
      `no program found in ${folder}: package.json has neither a script that starts one nor "main". Pass its file: kafka-otel doctor app.js`,
    );
  const found = programFile(entry);
  if (found === undefined)
    throw new ProgramNotFound(
      `file not found: ${entry}${requested === undefined ? ', which package.json names. Build the program first, or pass another file' : ''}`,
    );
  const outer = script?.command.clearsEnvironment === true ? {} : environment;
  const variables = { ...outer, ...expandVariables(script?.command.environment ?? {}, environment) };
  const variable = nodeOptions(variables['NODE_OPTIONS'] ?? '');
  const ofCommand = script ? [script.command] : [];
  const commandPlace = script?.name === undefined ? 'the command after --' : `script "${script.name}"`;
  const all = mergeOptions(variable, ...ofCommand, options);
  return {
    entry: found,
    others: script?.others ?? [],
    folder,
    project,
    script: script?.name,
    isCommandKnown: script !== undefined,
    runner: script && script.command.runner !== 'node' ? script.command.runner : undefined,
    options: all,
    origins: [
      { place: 'NODE_OPTIONS', preloads: variable.preloads },
      ...ofCommand.map(({ preloads }) => ({ place: commandPlace, preloads })),
      { place: "the doctor's own options", preloads: options.preloads },
    ],
    environment: { ...readEnvFiles(all.envFiles, folder), ...variables },
  };
}

function readCommand(words: readonly string[]): NodeCommand {
  const command = nodeCommand(words);
  if (command?.file !== undefined) return command;
  throw new ProgramNotFound(
    `no program found in the command "${words.join(' ')}". Pass it as it is started: kafka-otel doctor -- node app.js`,
  );
}

/** Replaces `$NAME`, `${NAME}` and `${NAME:-default}`, as the shell does. */
function expandVariables(
  variables: Readonly<Record<string, string>>,
  environment: Environment,
): Record<string, string> {
  const expand = (text: string): string =>
    text.replace(
      /\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)/g,
      (_, braced: string | undefined, fallback: string | undefined, bare: string | undefined) =>
        environment[braced ?? bare ?? ''] ?? fallback ?? '',
    );
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, expand(value)]));
}

interface Script {
  /** Undefined for the command that the caller gives. */
  readonly name: string | undefined;
  readonly command: NodeCommand;
  readonly file: string | undefined;
  readonly others: readonly string[];
}

/** The script that starts the given file, or any file if no file is given. The script `start` is preferred. */
function scriptThatStarts(folder: string, project: Package | undefined, named?: string): Script | undefined {
  const scripts = project?.manifest.scripts ?? {};
  const started = Object.entries(scripts).flatMap(([name, text]) =>
    typeof text === 'string'
      ? nodeCommands(text, scripts).flatMap(command => asScripts(folder, name, command))
      : [],
  );
  const wanted = named === undefined ? undefined : programFile(named);
  const matching = started.filter(
    ({ file }) =>
      named === undefined || (wanted !== undefined && file !== undefined && programFile(file) === wanted),
  );
  // Tools such as jest are started by Node.js too, but are not the program.
  const own = matching.filter(
    ({ file }) => named !== undefined || !/[\\/]node_modules[\\/]/.test(file ?? ''),
  );
  const start = own.find(({ name }) => name === 'start') ?? own.find(({ name }) => name?.startsWith('start'));
  return start ?? (named === undefined ? undefined : own[0]);
}

function asScripts(folder: string, name: string, command: NodeCommand): Script[] {
  if (command.runner === 'next') return [{ name, command, ...filesOfNext(folder) }];
  if (command.runner === 'nest') return [{ name, command, file: fileOfNest(folder), others: [] }];
  if (command.file === undefined) return [];
  const file = resolve(folder, command.file);
  return /^pm2/.test(command.runner) && /\.config\.[cm]?js$|\.json$/.test(file)
    ? readEcosystem(folder, file).map(app => ({ name, ...app, others: [] }))
    : [{ name, command, file, others: [] }];
}

/** The programs of pm2's ecosystem file, which is read and not run. */
function readEcosystem(folder: string, file: string): { command: NodeCommand; file: string }[] {
  const { code } = readSource(readText(file));
  return code.split(/(?=\bscript['"]?\s*:)/).flatMap((part, index, parts) => {
    const field = (name: string): string | undefined =>
      new RegExp(`\\b${name}['"]?\\s*:\\s*(['"\`])(.*?)\\1`).exec(part)?.[2];
    const script = field('script');
    if (index === 0 || script === undefined) return [];
    // Options may also come before `script`, in the same object.
    const before = parts[index - 1]?.split('{').at(-1) ?? '';
    const args = [part, before].map(nodeArgs).find(each => each !== '') ?? '';
    const command = nodeCommand([field('interpreter') ?? 'node', ...shellWords(args), script]);
    const [, variables = ''] = /\benv(?:_production)?['"]?\s*:\s*\{([^}]*)\}/.exec(part) ?? [];
    const environment = Object.fromEntries(
      [...variables.matchAll(/(\w+)['"]?\s*:\s*(['"`])(.*?)\2/g)].map(([, key = '', , value = '']) => [
        key,
        value,
      ]),
    );
    return command ? [{ command: { ...command, environment }, file: resolve(folder, script) }] : [];
  });
}

/** The options for Node.js in an ecosystem file: a string or a list of strings. */
function nodeArgs(code: string): string {
  const [, list, , text] =
    /\b(?:node|interpreter)_args['"]?\s*:\s*(?:\[([^\]]*)\]|(['"`])(.*?)\2)/.exec(code) ?? [];
  return list?.replace(/['"`,]/g, ' ').trim() ?? text ?? '';
}

/** `nest start` runs what it has compiled from this file. */
function fileOfNest(folder: string): string {
  const settings = readText(join(folder, 'nest-cli.json'));
  const field = (name: string): string | undefined =>
    new RegExp(`"${name}"\\s*:\\s*"([^"]*)"`).exec(settings)?.[1];
  return join(folder, field('sourceRoot') ?? 'src', field('entryFile') ?? 'main');
}

/** Next.js loads `instrumentation` first, and the other files as they are requested. */
function filesOfNext(folder: string): { file: string; others: readonly string[] } {
  const roots = [folder, join(folder, 'src')];
  const others = roots.flatMap(root => ['app', 'pages'].flatMap(name => sourcesIn(join(root, name))));
  const config = ['js', 'mjs', 'ts', 'cjs'].map(each => join(folder, `next.config.${each}`)).find(isFile);
  const first =
    roots.map(root => withExtension(join(root, 'instrumentation'))).find(file => file !== undefined) ??
    config;
  return { file: first ?? others[0] ?? join(folder, 'instrumentation.ts'), others };
}

function sourcesIn(folder: string): string[] {
  if (!isDirectory(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourcesIn(path);
    return /(?<!\.d)\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : [];
  });
}

function mainOf(folder: string, project: Package | undefined): string | undefined {
  const { main } = project?.manifest ?? {};
  if (typeof main === 'string') return resolve(folder, main);
  return ['index.js', 'index.mjs', 'index.ts'].map(file => join(folder, file)).find(isFile);
}

/** The file that `node path` runs. For a folder, that is the main file of its package. */
function programFile(path: string): string | undefined {
  const file = isDirectory(path) ? mainOf(path, readPackage(path)) : path;
  return file === undefined ? undefined : withExtension(file);
}

const EXTENSIONS = ['', '.js', '.cjs', '.mjs', '.ts', '.cts', '.mts', '.tsx', '/index.js', '/index.ts'];

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
