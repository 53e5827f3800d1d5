/** Reads commands that start a program, from scripts of package.json, process managers and NODE_OPTIONS. */

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
  /** The program's file. Frameworks such as Next.js name none. */
  readonly file: string | undefined;
  /** Variables that the command sets. */
  readonly environment: Readonly<Record<string, string>>;
  /** True if `env -i` hides the variables of the shell from the program. */
  readonly clearsEnvironment: boolean;
}

/** Options of one command. An option that is in none of these lists has no value, unless a number follows it. */
interface Syntax {
  /** Options with a value that does not matter here. */
  readonly values?: readonly string[];
  readonly requires?: readonly string[];
  readonly imports?: readonly string[];
  readonly loaders?: readonly string[];
  readonly envFiles?: readonly string[];
  /** Options whose value is a list of Node.js options. */
  readonly nodeOptions?: readonly string[];
  /** Options whose value is a command, or the part of one before the file. */
  readonly commands?: readonly string[];
  /** Words between the command and the file, such as `run`. */
  readonly subcommands?: readonly string[];
  /** Options that stop the command from running a file. */
  readonly evaluates?: readonly string[];
}

const NODE: Syntax = {
  requires: ['-r', '--require'],
  imports: ['--import'],
  loaders: ['--loader', '--experimental-loader'],
  envFiles: ['--env-file', '--env-file-if-exists'],
  evaluates: ['-e', '--eval', '-p', '--print', '-pe', '--test', '--run'],
  // The other options of Node.js 18 to 24 whose value may be the next argument.
  values: [
    ...['-C', '--conditions', '--inspect-port', '--debug-port', '--title', '--watch-path', '--input-type'],
    ...[
      '--disable-warning',
      '--disable-proto',
      '--dns-result-order',
      '--unhandled-rejections',
      '--icu-data-dir',
    ],
    ...['--experimental-default-type', '--experimental-policy', '--policy-integrity', '--openssl-config'],
    ...['--redirect-warnings', '--diagnostic-dir', '--report-dir', '--report-directory', '--report-filename'],
    ...['--report-signal', '--heapsnapshot-signal', '--snapshot-blob', '--cpu-prof-dir', '--cpu-prof-name'],
    ...['--heap-prof-dir', '--heap-prof-name', '--tls-cipher-list', '--tls-keylog', '--use-largepages'],
    ...[
      '--trace-event-categories',
      '--trace-event-file-pattern',
      '--trace-require-module',
      '--localstorage-file',
    ],
    ...['--inspect-publish-uid', '--security-revert', '--allow-fs-read', '--allow-fs-write'],
    ...['--test-reporter', '--test-reporter-destination', '--test-name-pattern'],
  ],
};

const NODEMON: Syntax = {
  ...NODE,
  values: [
    ...(NODE.values ?? []),
    ...[
      '-w',
      '--watch',
      '-e',
      '--ext',
      '-i',
      '--ignore',
      '-d',
      '--delay',
      '-s',
      '--signal',
      '--config',
      '--cwd',
    ],
  ],
  evaluates: [],
  commands: ['-x', '--exec'],
};

const PM2: Syntax = {
  subcommands: ['start'],
  values: [
    '-n',
    '--name',
    '-i',
    '--instances',
    '-o',
    '--output',
    '-e',
    '--error',
    '-l',
    '--log',
    '--cwd',
    '--env',
  ],
  nodeOptions: ['--node-args', '--interpreter-args'],
};

/** Commands that run a file, or a framework that finds its files itself. */
const RUNNERS: Readonly<Record<string, Syntax>> = {
  node: NODE,
  nodejs: NODE,
  tsx: {
    ...NODE,
    subcommands: ['watch'],
    values: [...(NODE.values ?? []), '--tsconfig', '--include', '--exclude'],
  },
  'ts-node': {
    ...NODE,
    values: ['-P', '--project', '-O', '--compiler-options', '-C', '--compiler', '--cwd'],
  },
  'ts-node-esm': { ...NODE, values: ['-P', '--project', '-O', '--compiler-options'] },
  'ts-node-dev': { ...NODE, values: ['-P', '--project', '--watch', '--ignore-watch'] },
  'swc-node': NODE,
  nodemon: NODEMON,
  pm2: PM2,
  'pm2-runtime': PM2,
  bun: {
    subcommands: ['run', 'start'],
    requires: ['-r', '--preload', '--require'],
    imports: ['--import'],
    envFiles: ['--env-file'],
    values: ['-c', '--config', '--cwd', '--tsconfig-override', '--conditions', '-d', '--define'],
    evaluates: ['-e', '--eval', '-p', '--print'],
  },
  deno: {
    subcommands: ['run'],
    requires: ['--require'],
    imports: ['--preload', '--import'],
    envFiles: [],
    values: [
      '-c',
      '--config',
      '--import-map',
      '--lock',
      '--cert',
      '--location',
      '--seed',
      '--ext',
      '-L',
      '--log-level',
    ],
  },
  next: { subcommands: ['start', 'dev'], values: ['-p', '--port', '-H', '--hostname', '--keepAliveTimeout'] },
  nest: {
    subcommands: ['start'],
    values: [
      '-c',
      '--config',
      '-p',
      '--path',
      '-b',
      '--builder',
      '--entryFile',
      '--sourceRoot',
      '--env-file',
    ],
    commands: ['-e', '--exec'],
  },
};

/** Runners that find the program's file themselves. */
const FRAMEWORKS = ['next', 'nest'];

/** How to skip the words of a command that runs the command after it. */
interface Wrapper {
  /** Options with a value that is the next argument. */
  readonly values?: readonly string[];
  readonly subcommands?: readonly string[];
  readonly envFiles?: readonly string[];
  /** A word that must come before the command, such as the seconds of `timeout`. */
  readonly operands?: number;
}

/** These run the command that follows them. */
const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  'cross-env': {},
  'cross-env-shell': {},
  env: { values: ['-u', '--unset', '-C', '--chdir'] },
  exec: {},
  command: {},
  time: {},
  nohup: {},
  sudo: { values: ['-u', '--user'] },
  nice: { values: ['-n'] },
  timeout: { values: ['-s', '--signal', '-k', '--kill-after'], operands: 1 },
  npx: { values: ['-p', '--package'] },
  bunx: {},
  npm: { subcommands: ['exec', 'x'], values: ['-p', '--package', '--prefix'] },
  pnpm: { subcommands: ['exec', 'dlx'], values: ['--filter', '-F', '-C', '--dir'] },
  yarn: { subcommands: ['exec', 'dlx', 'run'], values: ['-p', '--cwd'] },
  dotenv: { values: ['-v', '-p'], envFiles: ['-e', '-f'] },
  dotenvx: { subcommands: ['run'], values: ['-e', '--env'], envFiles: ['-f', '--env-file'] },
  'env-cmd': { values: ['-e'], envFiles: ['-f', '--file'] },
  'dumb-init': { values: ['-r', '--rewrite'] },
  tini: { values: ['-p', '-e'] },
  doppler: { subcommands: ['run'], values: ['-p', '--project', '-c', '--config'] },
  op: { subcommands: ['run'], envFiles: ['--env-file'] },
  infisical: { subcommands: ['run'], values: ['--env', '--path'] },
  'aws-lambda-ric': {},
};

const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;

/** Scripts may run each other. A script that runs itself would be followed forever. */
const MAX_DEPTH = 5;

/**
 * Every start of a program in a command line.
 *
 * @param scripts - those of package.json, which the command line may run: `npm run serve`
 */
export function nodeCommands(
  commandLine: string,
  scripts: Readonly<Record<string, unknown>> = {},
  depth = 0,
): NodeCommand[] {
  return splitCommands(shellWords(commandLine)).flatMap(words => {
    const script = depth < MAX_DEPTH ? scripts[scriptNamed(words) ?? ''] : undefined;
    if (typeof script !== 'string') return nodeCommand(words) ?? [];
    const environment = Object.fromEntries(words.flatMap(word => assignment(word) ?? []));
    return nodeCommands(script, scripts, depth + 1).map(command => ({
      ...command,
      environment: { ...environment, ...command.environment },
    }));
  });
}

/** The name in `npm run name`, `yarn name` or `npm start`. */
function scriptNamed(words: readonly string[]): string | undefined {
  const at = words.findIndex(word => /^(?:npm|pnpm|yarn|bun)$/.test(word));
  if (at < 0 || /(?:^|[\\/])(?:pm2|node)$/.test(words[0] ?? '')) return undefined;
  return words.slice(at + 1).find(word => !/^(?:run|run-script|-.*)$/.test(word));
}

function assignment(word: string): (readonly [string, string])[] | undefined {
  const [, name, value] = ASSIGNMENT.exec(word) ?? [];
  return name === undefined || value === undefined ? undefined : [[name, value]];
}

/** Reads the value of NODE_OPTIONS. */
export function nodeOptions(text: string): NodeOptions {
  return optionsOf(readOptions(shellWords(text), NODE));
}

/** Node.js reads NODE_OPTIONS before the options of its command line. */
export function mergeOptions(...options: readonly NodeOptions[]): NodeOptions {
  return {
    preloads: options.flatMap(({ preloads }) => preloads),
    loaders: options.flatMap(({ loaders }) => loaders),
    envFiles: options.flatMap(({ envFiles }) => envFiles),
  };
}

/** Reads one command: any number of wrappers with their options and variables, then the runner, its options and its file. */
export function nodeCommand(words: readonly string[]): NodeCommand | undefined {
  const environment: Record<string, string> = {};
  const envFiles: string[] = [];
  let clearsEnvironment = false;
  let at = 0;
  for (let wrapper: string | undefined = ''; wrapper !== undefined;) {
    const isEnv: boolean = wrapper === 'env';
    at = skipOptions(words, at, WRAPPERS[wrapper] ?? {}, envFiles, option => {
      if (isEnv && /^(?:-i?|--ignore-environment)$/.test(option)) clearsEnvironment = true;
    });
    for (; at < words.length; at++) {
      const [named] = assignment(words[at] ?? '') ?? [];
      if (!named) break;
      environment[named[0]] = named[1];
    }
    const command = commandName(words[at]);
    wrapper = Object.hasOwn(WRAPPERS, command) ? command : undefined;
    if (wrapper !== undefined) at++;
  }
  const runner = commandName(words[at]);
  const syntax = Object.hasOwn(RUNNERS, runner) ? RUNNERS[runner] : undefined;
  if (!syntax) return undefined;
  const read = readOptions(words.slice(at + 1), syntax);
  if (read.evaluates || (FRAMEWORKS.includes(runner) && !read.subcommand)) return undefined;
  const inner = read.commands.map(
    text => nodeCommand(shellWords(text)) ?? nodeCommand([...shellWords(text), read.file ?? '']),
  );
  const [first] = inner.flatMap(each => each ?? []);
  const file = FRAMEWORKS.includes(runner) ? undefined : (read.file ?? first?.file);
  const own = optionsOf(read);
  const options = first ? mergeOptions(own, first) : own;
  return {
    runner: first && first.runner !== 'node' && runner === 'nodemon' ? first.runner : runner,
    file: file === '' ? undefined : file,
    environment: { ...environment, ...first?.environment },
    clearsEnvironment,
    ...options,
    envFiles: [...envFiles, ...options.envFiles],
  };
}

const commandName = (word = ''): string => word.replace(/^.*[\\/]/, '').replace(/\.(?:exe|cmd)$/, '');

/** Skips a wrapper's subcommand, options and operands, and returns the index of what follows. */
function skipOptions(
  words: readonly string[],
  start: number,
  { values = [], subcommands = [], envFiles: fileOptions = [], operands = 0 }: Wrapper,
  envFiles: string[],
  onOption: (option: string) => void,
): number {
  let at = start;
  let left = operands;
  let hasSubcommand = false;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') return at + 1;
    if (!hasSubcommand && subcommands.includes(word)) hasSubcommand = true;
    else if (word.startsWith('-')) {
      const [, flag = word, inline] = /^(--?[\w-]+)=(.*)$/s.exec(word) ?? [];
      onOption(flag);
      if (fileOptions.includes(flag)) envFiles.push(inline ?? words[++at] ?? '');
      else if (inline === undefined && values.includes(flag)) at++;
    } else if (left > 0) left--;
    else return at;
  }
  return at;
}

interface ReadOptions {
  readonly required: string[];
  readonly imported: string[];
  readonly loaders: string[];
  readonly envFiles: string[];
  readonly commands: string[];
  evaluates: boolean;
  subcommand: boolean;
  file?: string;
}

/** Node.js loads all `--require` modules before the first `--import` module. */
const optionsOf = ({ required, imported, loaders, envFiles }: ReadOptions): NodeOptions => ({
  preloads: [...required, ...imported],
  loaders,
  envFiles,
});

function readOptions(words: readonly string[], syntax: Syntax): ReadOptions {
  const read: ReadOptions = {
    required: [],
    imported: [],
    loaders: [],
    envFiles: [],
    commands: [],
    evaluates: false,
    subcommand: false,
  };
  const lists: readonly (readonly [readonly string[] | undefined, string[]])[] = [
    [syntax.requires, read.required],
    [syntax.imports, read.imported],
    [syntax.loaders, read.loaders],
    [syntax.envFiles, read.envFiles],
    [syntax.commands, read.commands],
  ];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      const [after] = words.slice(at + 1);
      if (after !== undefined) read.file ??= after;
      break;
    }
    if (!word.startsWith('-')) {
      if (!read.subcommand && syntax.subcommands?.includes(word)) read.subcommand = true;
      else if (read.file === undefined) read.file = word;
      // pm2 and nodemon read options after the file too. Elsewhere these are the program's own.
      else if (!syntax.commands && !syntax.nodeOptions) break;
      continue;
    }
    if (read.file !== undefined && !syntax.commands && !syntax.nodeOptions) break;
    const [, flag = word, inline] = /^(--?[\w-]+)=(.*)$/s.exec(word) ?? [];
    const next = words[at + 1];
    const list = lists.find(([flags]) => flags?.includes(flag))?.[1];
    if (list) {
      list.push(inline ?? next ?? '');
      if (inline === undefined) at++;
    } else if (syntax.nodeOptions?.includes(flag)) {
      const inside = readOptions(shellWords(inline ?? next ?? ''), NODE);
      read.required.push(...inside.required);
      read.imported.push(...inside.imported);
      read.loaders.push(...inside.loaders);
      read.envFiles.push(...inside.envFiles);
      if (inline === undefined) at++;
    } else if (syntax.evaluates?.includes(flag)) {
      read.evaluates = true;
    } else if (inline === undefined && takesNext(flag, next, syntax)) at++;
  }
  return read;
}

/** A number after an option, as in `--max-old-space-size 4096`, is its value and no file. */
const takesNext = (flag: string, next: string | undefined, { values }: Syntax): boolean =>
  values?.includes(flag) === true || (flag.startsWith('--') && /^\d+[kmg]?b?$/i.test(next ?? ''));

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
