/** Finds the files of programs that Next.js, NestJS and pm2 start. Reads their settings files as text and does not run them. */
import { join, resolve } from 'node:path';
import { nodeCommand, shellWords, type NodeCommand, type Scripts } from './commands';
import { entriesBelow, isFile, readText, withExtension } from './resolve';
import { readSource } from './source';

/** The source file of the program that `nest start` compiles and runs. */
export function fileOfNest(folder: string): string {
  const settings = readText(join(folder, 'nest-cli.json'));
  const field = (name: string): string | undefined =>
    new RegExp(`"${name}"\\s*:\\s*"([^"]*)"`).exec(settings)?.[1];
  return join(folder, field('sourceRoot') ?? 'src', field('entryFile') ?? 'main');
}

/** Next.js loads the file `instrumentation` first, and the other files when a request needs them. */
export function filesOfNext(folder: string): { file: string; others: readonly string[] } {
  const roots = [folder, join(folder, 'src')];
  const others = roots.flatMap(root => ['app', 'pages'].flatMap(name => sourcesIn(join(root, name))));
  const first =
    roots.map(root => withExtension(join(root, 'instrumentation'))).find(file => file !== undefined) ??
    configOfNext(folder);
  return { file: first ?? others[0] ?? join(folder, 'instrumentation.ts'), others };
}

export const configOfNext = (folder: string): string | undefined =>
  ['js', 'mjs', 'ts', 'cjs'].map(each => join(folder, `next.config.${each}`)).find(isFile);

/** If several files set a variable, the last file wins. */
export const ENV_FILES_OF_NEXT = ['.env', '.env.production', '.env.local', '.env.production.local'];

const sourcesIn = (folder: string): string[] =>
  entriesBelow(folder, /^node_modules$/).flatMap(({ path, entry }) =>
    !entry.isDirectory() && /(?<!\.d)\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : [],
  );

export function commandsOfPm2(file: string, scripts: Scripts): NodeCommand[] {
  const { code } = readSource(readText(file));
  return code.split(/(?=\bscript['"]?\s*:)/).flatMap((part, index, parts) => {
    // Options may also come before `script`, in the same object.
    const before = index === 0 ? '' : (parts[index - 1]?.split('{').at(-1) ?? '');
    const field = (pattern: string): string | undefined =>
      [part, before].map(text => valueOf(pattern, text)).find(text => text !== undefined);
    const script = field('script');
    if (index === 0 || script === undefined) return [];
    const [, variables = ''] = /\benv(?:_production)?['"]?\s*:\s*\{([^}]*)\}/.exec(part) ?? [];
    const environment = Object.fromEntries(
      [...variables.matchAll(/(\w+)['"]?\s*:\s*(['"`])(.*?)\2/g)].map(([, key = '', , value = '']) => [
        key,
        value,
      ]),
    );
    const args = field('args') ?? '';
    const isCommand = !/[./]/.test(script) && !isFile(resolve(file, '..', script));
    const words = isCommand
      ? [script, ...shellWords(args)]
      : [field('interpreter') ?? 'node', ...shellWords(field('(?:node|interpreter)_args') ?? ''), script];
    return nodeCommand(words, scripts).map(command => ({
      ...command,
      environment: { ...environment, ...command.environment },
    }));
  });
}

/** Reads a field whose value is a string or a list of strings. A list is joined by spaces. */
function valueOf(name: string, code: string): string | undefined {
  const [, list, , text] =
    new RegExp(`\\b${name}['"]?\\s*:\\s*(?:\\[([^\\]]*)\\]|(['"\`])(.*?)\\2)`).exec(code) ?? [];
  return list?.replace(/['"`,]/g, ' ').trim() ?? text;
}
