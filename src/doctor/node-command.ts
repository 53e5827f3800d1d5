/** Reads commands that start Node.js, from scripts of package.json and NODE_OPTIONS. */

export interface NodeOptions {
  /** The modules of `--require` and `--import`, in the order in which Node.js loads them. */
  readonly preloads: readonly string[];
  /** The modules of `--loader`. */
  readonly loaders: readonly string[];
  readonly envFiles: readonly string[];
}

export interface NodeCommand extends NodeOptions {
  /** `node`, or the command that runs the program instead, such as `tsx`. */
  readonly runner: string;
  readonly file: string | undefined;
  /** Variables that the command sets. */
  readonly environment: Readonly<Record<string, string>>;
}

const RUNNERS = /^(?:node|nodejs|tsx|ts-node|ts-node-esm|nodemon|pm2-runtime|dotenv|swc-node)$/;
/** These run the command that follows them. */
const WRAPPERS = /^(?:cross-env|cross-env-shell|env|exec|npx|dotenv|--)$/;
const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;

/** Other options with a value. Their value is not the program's file. */
const WITH_VALUE =
  /^(?:-C|--conditions|--env-file-if-exists|--inspect-port|--title|--watch-path|--test-reporter|--input-type|--exec|-x|--ext|-P|--project|--watch|-w)$/;

/** Every start of Node.js in a command line. */
export function nodeCommands(commandLine: string): NodeCommand[] {
  return splitCommands(shellWords(commandLine)).flatMap(words => nodeCommand(words) ?? []);
}

/** Reads the value of NODE_OPTIONS. */
export function nodeOptions(text: string): NodeOptions {
  return readOptions(shellWords(text)).options;
}

/** Node.js reads NODE_OPTIONS before the options of its command line. */
export function mergeOptions(...options: readonly NodeOptions[]): NodeOptions {
  return {
    preloads: options.flatMap(({ preloads }) => preloads),
    loaders: options.flatMap(({ loaders }) => loaders),
    envFiles: options.flatMap(({ envFiles }) => envFiles),
  };
}

function nodeCommand(words: readonly string[]): NodeCommand | undefined {
  const environment: Record<string, string> = {};
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    const [, name, value] = ASSIGNMENT.exec(word) ?? [];
    if (name !== undefined && value !== undefined) environment[name] = value;
    else if (!WRAPPERS.test(word)) break;
  }
  const runner = (words[at] ?? '').replace(/^.*[\\/]/, '').replace(/\.exe$/, '');
  if (!RUNNERS.test(runner)) return undefined;
  const rest = words.slice(at + 1);
  // `tsx watch app.ts`
  const { options, file } = readOptions(rest[0] === 'watch' ? rest.slice(1) : rest);
  return { runner, file, environment, ...options };
}

function readOptions(words: readonly string[]): { readonly options: NodeOptions; readonly file?: string } {
  const required: string[] = [];
  const imported: string[] = [];
  const loaders: string[] = [];
  const envFiles: string[] = [];
  const done = (file?: string) => ({
    // Node.js loads all `--require` modules before the first `--import` module.
    options: { preloads: [...required, ...imported], loaders, envFiles },
    ...(file === undefined ? undefined : { file }),
  });
  const lists = new Map([
    ['-r', required],
    ['--require', required],
    ['--import', imported],
    ['--loader', loaders],
    ['--experimental-loader', loaders],
    ['--env-file', envFiles],
  ]);
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) return done(word);
    const [, flag = word, inline] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? [];
    const list = lists.get(flag);
    if (list) list.push(inline ?? words[++at] ?? '');
    else if (inline === undefined && WITH_VALUE.test(flag)) at++;
  }
  return done();
}

const isSeparator = (word: string): boolean => /^(?:&&?|\|\|?|;)$/.test(word);

function splitCommands(words: readonly string[]): string[][] {
  const commands: string[][] = [[]];
  for (const word of words) {
    if (isSeparator(word)) commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands;
}

/** Splits text into words as a shell does, without the quotes. Variables are not replaced. */
export function shellWords(text: string): string[] {
  const words = text.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s'"\\;&|])+|&&?|\|\|?|;/gs) ?? [];
  return words.map(word =>
    word.replace(
      /"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs,
      (_, double?: string, single?: string, escaped?: string) =>
        double === undefined ? (single ?? escaped ?? '') : double.replace(/\\(["\\$`])/g, '$1'),
    ),
  );
}
