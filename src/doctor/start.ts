/** Finds out how a program is started: its file, its preloads and its environment variables. */
import { accessSync, constants } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Environment } from '../config/environment';
import { foldersUpFrom, owningPackage, readPackage, type Package } from '../support/packages';
import {
  mergeOptions,
  nodeCommand,
  nodeCommands,
  nodeOptions,
  type NodeCommand,
  type NodeOptions,
  type Scripts,
} from './commands';
import { commandsOfPm2, ENV_FILES_OF_NEXT, fileOfNest, filesOfNext } from './frameworks';
import { entriesBelow, FOREIGN_FOLDERS, isDirectory, isFile, readText, withExtension } from './resolve';

export interface Start {
  /** The program's file. */
  readonly entry: string;
  /** Other files that a framework loads by itself. */
  readonly others: readonly string[];
  /** The folder in which the program is started. Relative preloads are resolved from here. */
  readonly folder: string;
  readonly project: Package | undefined;
  /** The script of package.json that starts the program, if there is one. */
  readonly script: string | undefined;
  /** False if only the program's file is known, and not how it is started. */
  readonly isCommandKnown: boolean;
  /** The command that runs the program, if it is not Node.js itself. */
  readonly runner: string | undefined;
  readonly options: NodeOptions;
  /** Where preloads are set, in the order in which Node.js reads these settings. Used in messages. */
  readonly origins: readonly { readonly place: string; readonly preloads: readonly string[] }[];
  readonly environment: Environment;
}

export interface StartRequest {
  readonly entry?: string | undefined;
  /** The words of the command that starts the program. */
  readonly command?: readonly string[] | undefined;
  readonly folder: string;
  readonly options: NodeOptions;
  readonly environment: Environment;
  /** The name of the script that starts the program. If not given, the doctor finds a script, and prefers `start`. */
  readonly script?: string | undefined;
  /**
   * The scripts of workspaces that the doctor has followed so far. If one of them comes again, the scripts run each
   * other in a circle, and the doctor stops.
   */
  readonly through?: readonly string[];
}

/** Thrown if the program cannot be found. The message is shown to the user. */
export class ProgramNotFound extends Error {}

export function findStart(request: StartRequest): Start {
  const { folder: currentFolder, options, environment } = request;
  const command = request.command && findCommand(request.command, currentFolder);
  if (command?.workspace !== undefined) return findStartInWorkspace(request, currentFolder, command);
  const started =
    command && asScripts(currentFolder, undefined, command, scriptsOf(projectOf(currentFolder)))[0];
  const requested = request.entry ?? started?.file ?? command?.file;
  const given = requested === undefined ? undefined : resolve(currentFolder, requested);
  const isFolder = given !== undefined && isDirectory(given) && command === undefined;
  const named = isFolder ? undefined : given;
  assertYarnRuns(given ?? currentFolder);
  const project = projectOf(named ? dirname(named) : (given ?? currentFolder));
  const folder = project?.folder ?? (named ? dirname(named) : currentFolder);
  const script = command
    ? asScripts(folder, undefined, command, scriptsOf(project))[0]
    : scriptThatStarts(folder, project, named, request.script);
  if (script?.command.workspace !== undefined) return findStartInWorkspace(request, folder, script.command);
  const entry = named ?? script?.file ?? mainOf(folder, project);
  if (entry === undefined)
    throw new ProgramNotFound(
      `no program found in ${folder}: package.json has neither a script that starts one nor "main". ${adviceOnFolder(folder)}`,
    );
  const found = programFile(entry);
  if (found === undefined)
    throw new ProgramNotFound(
      `file not found: ${entry}${requested === undefined ? ', which package.json names. Build the program first, or pass another file' : ''}`,
    );
  assertReadable(found);
  const isManaged = script?.name !== undefined || /^(?:npm|npx|pnpm)$/.test(request.command?.[0] ?? '');
  const outer = script?.command.clearsEnvironment === true ? {} : environment;
  const ofManager = isManaged ? optionsOfNpmrc(folder) : undefined;
  const variables = {
    ...outer,
    ...(ofManager !== undefined && { NODE_OPTIONS: ofManager }),
    ...expandVariables(script?.command.environment ?? {}, environment),
  };
  const ofCommand = script ? [script.command] : [];
  const ofShell = nodeOptions(variables['NODE_OPTIONS'] ?? '');
  const { envFiles } = mergeOptions(ofShell, ...ofCommand, options);
  const all = { ...readEnvFiles([...(script?.envFiles ?? []), ...envFiles], folder), ...variables };
  // Next.js reads its env files only after Node.js has started, so NODE_OPTIONS in such a file has no effect.
  const variable = script?.envFiles ? ofShell : nodeOptions(all['NODE_OPTIONS'] ?? '');
  const commandPlace = script?.name === undefined ? 'the command after --' : `script "${script.name}"`;
  return {
    entry: found,
    others: script?.others ?? [],
    folder,
    project,
    script: script?.name,
    isCommandKnown: script !== undefined,
    runner: script && script.command.runner !== 'node' ? script.command.runner : undefined,
    options: mergeOptions(variable, ...ofCommand, options),
    origins: [
      {
        place: ofManager === undefined ? 'NODE_OPTIONS' : 'node-options in .npmrc',
        preloads: variable.preloads,
      },
      ...ofCommand.map(({ preloads }) => ({ place: commandPlace, preloads })),
      { place: "the doctor's own options", preloads: options.preloads },
    ],
    environment: all,
  };
}

/** The package that a folder belongs to. A package.json that contains only a `type` does not count. */
const projectOf = (folder: string): Package | undefined =>
  owningPackage(
    folder,
    ({ name, manifest }) =>
      name !== '' || manifest.scripts !== undefined || manifest.dependencies !== undefined,
  );

const scriptsOf = (project: Package | undefined): Scripts => project?.manifest.scripts ?? {};

function findCommand(words: readonly string[], folder: string): NodeCommand {
  const [command] = nodeCommand(words, scriptsOf(projectOf(folder)));
  if (command !== undefined) return command;
  throw new ProgramNotFound(
    `no program found in the command "${words.join(' ')}". Pass it as it is started: kafka-otel doctor -- node app.js`,
  );
}

/** Follows a command that a package manager runs in a workspace, from any folder of the monorepo. */
function findStartInWorkspace(
  request: StartRequest,
  folder: string,
  { runner, workspace = '', inWorkspace = [] }: NodeCommand,
): Start {
  const root = [...foldersUpFrom(folder)].find(isWorkspaceRoot) ?? folder;
  const places = [folder, root].map(each => resolve(each, workspace));
  const found = packagesBelow(root)
    .concat(readPackage(root) ?? [])
    .find(each => each.name === workspace || places.includes(each.folder));
  if (!found) throw new ProgramNotFound(`workspace not found: ${workspace}. ${adviceOnFolder(folder)}`);
  const [named = ''] = inWorkspace;
  const isScript = typeof scriptsOf(found)[named] === 'string';
  const step = `${found.name} ${inWorkspace.join(' ')}`;
  const through = request.through ?? [];
  if (through.includes(step))
    throw new ProgramNotFound(
      `no program found: these scripts run each other in a circle: ${[...through, step].join(', ')}. ${adviceOnFolder(folder)}`,
    );
  return findStart({
    ...request,
    entry: undefined,
    command: isScript || named === '' ? undefined : [runner, ...inWorkspace],
    script: isScript ? named : undefined,
    folder: found.folder,
    through: [...through, step],
  });
}

const isWorkspaceRoot = (folder: string): boolean =>
  readPackage(folder)?.manifest.workspaces !== undefined || isFile(join(folder, 'pnpm-workspace.yaml'));

function adviceOnFolder(folder: string): string {
  const [example] = packagesBelow(folder).filter(({ manifest }) => manifest.scripts?.['start'] !== undefined);
  return example
    ? `Pass the folder of a package: kafka-otel doctor ${relative(folder, example.folder)}`
    : 'Pass its file: kafka-otel doctor app.js';
}

const packagesBelow = (folder: string): Package[] =>
  entriesBelow(folder, FOREIGN_FOLDERS, 2).flatMap(({ path, entry }) =>
    entry.isDirectory() ? (readPackage(path) ?? []) : [],
  );

/** With Plug'n'Play, only Yarn finds packages, so the doctor must be run by Yarn. */
function assertYarnRuns(path: string): void {
  if ('pnp' in process.versions) return;
  const folder = [...foldersUpFrom(path)].find(each => isFile(join(each, '.pnp.cjs')));
  if (folder !== undefined)
    throw new ProgramNotFound(
      `${folder} uses Yarn Plug'n'Play, so only Yarn finds its packages. Run: yarn kafka-otel doctor`,
    );
}

function assertReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch {
    throw new ProgramNotFound(`file cannot be read: ${file}. Check its permissions`);
  }
}

/** Reads `node-options` in .npmrc: npm and pnpm set NODE_OPTIONS to this value for every script. */
function optionsOfNpmrc(folder: string): string | undefined {
  for (const each of foldersUpFrom(folder)) {
    const [, value] = /^\s*node-options\s*=\s*(.+?)\s*$/m.exec(readText(join(each, '.npmrc'))) ?? [];
    if (value !== undefined) return value.replace(/^"(.*)"$/, '$1');
  }
  return undefined;
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
  /** Undefined for a command that was passed after `--`. */
  readonly name: string | undefined;
  readonly command: NodeCommand;
  readonly file: string | undefined;
  readonly others: readonly string[];
  /** Files with environment variables that the framework reads itself. */
  readonly envFiles?: readonly string[];
}

/**
 * Finds the script that starts the named file, and prefers `start`. If neither a file nor a script is named, only
 * scripts whose names begin with `start` count.
 */
function scriptThatStarts(
  folder: string,
  project: Package | undefined,
  named: string | undefined,
  wantedScript: string | undefined,
): Script | undefined {
  const scripts = scriptsOf(project);
  const started = Object.entries(scripts).flatMap(([name, text]) =>
    typeof text === 'string' && (wantedScript === undefined || name === wantedScript)
      ? nodeCommands(text, scripts).flatMap(command => asScripts(folder, name, command, scripts))
      : [],
  );
  const wanted = named === undefined ? undefined : programFile(named);
  const matching = started.filter(
    ({ file }) =>
      named === undefined || (wanted !== undefined && file !== undefined && programFile(file) === wanted),
  );
  // A script in package.json may run a tool, such as `node node_modules/jest/bin/jest.js`. It does not start the program,
  // so it is left out.
  const own = matching.filter(
    ({ file }) => named !== undefined || !/[\\/]node_modules[\\/]/.test(file ?? ''),
  );
  const start = own.find(({ name }) => name === 'start') ?? own.find(({ name }) => name?.startsWith('start'));
  return start ?? (named === undefined && wantedScript === undefined ? undefined : own[0]);
}

function asScripts(
  folder: string,
  name: string | undefined,
  command: NodeCommand,
  scripts: Scripts,
): Script[] {
  const { runner } = command;
  const rest = { name, command, others: [] };
  if (runner === 'next') return [{ ...rest, ...filesOfNext(folder), envFiles: ENV_FILES_OF_NEXT }];
  if (runner === 'nest') return [{ ...rest, file: fileOfNest(folder) }];
  if (command.workspace !== undefined) return [{ ...rest, file: undefined }];
  if (command.file === undefined) return [];
  const file = resolve(folder, command.file);
  if (/^pm2/.test(runner) && /\.config\.[cm]?js$|\.json$/.test(file))
    return commandsOfPm2(file, scripts).flatMap(each => asScripts(folder, name, each, scripts));
  return [{ ...rest, file, ...(runner === 'bun' && { envFiles: ['.env', '.env.local'] }) }];
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

export function readEnvFiles(files: readonly string[], folder: string): Record<string, string> {
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
