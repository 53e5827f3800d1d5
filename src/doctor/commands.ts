/** Reads commands that start a program, from scripts of package.json, process managers and NODE_OPTIONS. */

export interface NodeOptions {
  /** The modules of `--require` and `--import`, in the order in which Node.js loads them. */
  readonly preloads: readonly string[];
  readonly loaders: readonly string[];
  readonly envFiles: readonly string[];
}

export interface NodeCommand extends NodeOptions {
  /** `node`, or the command that runs the program instead, such as `tsx`. */
  readonly runner: string;
  /** The program's file. `undefined` for frameworks such as Next.js, whose commands name no file. */
  readonly file: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** True if `env -i` hides the variables of the shell from the program. */
  readonly clearsEnvironment: boolean;
  /** The workspace (name or folder) whose script a package manager runs. */
  readonly workspace?: string;
  /** What the package manager runs in the workspace: the name of a script, or a command. */
  readonly inWorkspace?: readonly string[];
}

/** What a command expects after its options. */
type Operand =
  /** The program's file. */
  | 'file'
  /** Another command, which this command runs. */
  | 'command'
  /** Several commands, each quoted as one word. */
  | 'command lines'
  /** Names of package.json scripts. */
  | 'scripts'
  /** `run <script>`, `exec <command>`, or only a script or a command. */
  | 'script or command'
  /** Nothing: the command itself finds the program's file. */
  | 'none';

/**
 * Describes the arguments of a command. Each field lists options or subcommands, separated by spaces. All other options
 * take no argument.
 */
interface Syntax {
  readonly operand: Operand;
  /** Options whose value the doctor does not need. */
  readonly values?: string;
  readonly requires?: string;
  readonly imports?: string;
  readonly loaders?: string;
  readonly envFiles?: string;
  /** Options whose value is a list of Node.js options. */
  readonly nodeOptions?: string;
  /** Options whose value is a command. The program's file may follow as the last word of that command. */
  readonly commands?: string;
  /** Words that may come first, such as `run`. */
  readonly subcommands?: string;
  readonly scripts?: string;
  readonly workspaces?: string;
  /** Options with which the command runs no file, such as `--eval`. */
  readonly evaluates?: string;
  /** How many words come before the operand. For example, the number of seconds comes first after `timeout`. */
  readonly skipped?: number;
  /** True if options of the command may come after the file. For other commands, later options belong to the program. */
  readonly readsAll?: boolean;
}

const NODE = {
  operand: 'file',
  requires: '-r --require',
  imports: '--import',
  loaders: '--loader --experimental-loader',
  envFiles: '--env-file --env-file-if-exists',
  scripts: '--run',
  evaluates: '-e --eval -p --print -pe --test',
  // In Node.js 18 to 24, the value of each of these options may be a separate argument.
  values: `-C --conditions --inspect-port --debug-port --title --watch-path --input-type --disable-warning
    --disable-proto --dns-result-order --unhandled-rejections --icu-data-dir --experimental-default-type
    --experimental-policy --policy-integrity --openssl-config --redirect-warnings --diagnostic-dir --report-dir
    --report-directory --report-filename --report-signal --heapsnapshot-signal --snapshot-blob --cpu-prof-dir
    --cpu-prof-name --heap-prof-dir --heap-prof-name --tls-cipher-list --tls-keylog --use-largepages
    --trace-event-categories --trace-event-file-pattern --trace-require-module --localstorage-file
    --inspect-publish-uid --security-revert --allow-fs-read --allow-fs-write --test-reporter
    --test-reporter-destination --test-name-pattern`,
} satisfies Syntax;

const TS_NODE: Syntax = {
  ...NODE,
  values: '-P --project -O --compiler-options -C --compiler --cwd --watch --ignore-watch',
};
const PM2: Syntax = {
  operand: 'file',
  readsAll: true,
  subcommands: 'start',
  values: '-n --name -i --instances -o --output -e --error -l --log --cwd --env',
  nodeOptions: '--node-args --interpreter-args',
};
const SHELL: Syntax = { operand: 'none', commands: '-c -lc -ec' };
const SCRIPTS: Syntax = { operand: 'scripts' };
const WRAPPER: Syntax = { operand: 'command' };

const COMMANDS = new Map<string, Syntax>(
  Object.entries<Syntax>({
    node: NODE,
    nodejs: NODE,
    tsx: { ...NODE, subcommands: 'watch', values: `${NODE.values} --tsconfig --include --exclude` },
    'ts-node': TS_NODE,
    'ts-node-esm': TS_NODE,
    'ts-node-dev': TS_NODE,
    'swc-node': NODE,
    nodemon: {
      ...NODE,
      readsAll: true,
      values: `${NODE.values} -w --watch -e --ext -i --ignore -d --delay -s --signal --config --cwd`,
      evaluates: '',
      commands: '-x --exec',
    },
    pm2: PM2,
    'pm2-runtime': PM2,
    bun: {
      operand: 'file',
      subcommands: 'run start',
      requires: '-r --preload --require',
      imports: '--import',
      envFiles: '--env-file',
      values: '-c --config --cwd --tsconfig-override --conditions -d --define',
      evaluates: '-e --eval -p --print',
    },
    deno: {
      operand: 'file',
      subcommands: 'run',
      requires: '--require',
      imports: '--preload --import',
      values: '-c --config --import-map --lock --cert --location --seed --ext -L --log-level',
    },
    next: {
      operand: 'none',
      subcommands: 'start dev',
      values: '-p --port -H --hostname --keepAliveTimeout',
    },
    nest: {
      operand: 'none',
      subcommands: 'start',
      values: '-c --config -p --path -b --builder --entryFile --sourceRoot --env-file',
      commands: '-e --exec',
    },
    npm: {
      operand: 'script or command',
      values: '-p --package',
      workspaces: '-w --workspace --prefix -C',
    },
    pnpm: { operand: 'script or command', workspaces: '--filter -F -C --dir' },
    yarn: { operand: 'script or command', values: '-p', workspaces: 'workspace --cwd' },
    'npm-run-all': SCRIPTS,
    'run-s': SCRIPTS,
    'run-p': SCRIPTS,
    concurrently: { operand: 'command lines', values: '-n --names -c --prefix-colors --restart-tries -p' },
    sh: SHELL,
    bash: SHELL,
    'cross-env': WRAPPER,
    'cross-env-shell': WRAPPER,
    env: { ...WRAPPER, values: '-u --unset -C --chdir' },
    exec: WRAPPER,
    command: WRAPPER,
    time: WRAPPER,
    nohup: WRAPPER,
    sudo: { ...WRAPPER, values: '-u --user' },
    nice: { ...WRAPPER, values: '-n' },
    timeout: { ...WRAPPER, values: '-s --signal -k --kill-after', skipped: 1 },
    npx: { ...WRAPPER, values: '-p --package' },
    bunx: WRAPPER,
    dotenv: { ...WRAPPER, values: '-v -p', envFiles: '-e -f' },
    dotenvx: { ...WRAPPER, subcommands: 'run', values: '-e --env', envFiles: '-f --env-file' },
    'env-cmd': { ...WRAPPER, values: '-e', envFiles: '-f --file' },
    'dumb-init': { ...WRAPPER, values: '-r --rewrite' },
    tini: { ...WRAPPER, values: '-p -e' },
    doppler: { ...WRAPPER, subcommands: 'run', values: '-p --project -c --config' },
    op: { ...WRAPPER, subcommands: 'run', envFiles: '--env-file' },
    infisical: { ...WRAPPER, subcommands: 'run', values: '--env --path' },
    'aws-lambda-ric': WRAPPER,
  }),
);

export type Scripts = Readonly<Record<string, unknown>>;

/** How many levels of scripts are followed. There must be a limit, because a script may run itself. */
const MAX_DEPTH = 5;

/**
 * Finds all commands in a command line that start a program.
 *
 * @param scripts - the scripts of package.json: the command line may run one of them, for example with `npm run serve`
 */
export function nodeCommands(commandLine: string, scripts: Scripts = {}, depth = 0): NodeCommand[] {
  return splitCommands(shellWords(commandLine)).flatMap(words => nodeCommand(words, scripts, depth));
}

/** Like `nodeCommands`, but for a command that is already split into words. One command may start several programs. */
export function nodeCommand(words: readonly string[], scripts: Scripts = {}, depth = 0): NodeCommand[] {
  const [first, ...rest] = words;
  if (first === undefined || depth > MAX_DEPTH) return [];
  const [, variable, value] = ASSIGNMENT.exec(first) ?? [];
  if (variable !== undefined && value !== undefined)
    return nodeCommand(rest, scripts, depth).map(command => ({
      ...command,
      environment: { [variable]: value, ...command.environment },
    }));
  const name = first.replace(/^.*[\\/]/, '').replace(/\.(?:exe|cmd)$/, '');
  const syntax = COMMANDS.get(name);
  if (!syntax) return [];
  const read = readWords(rest, syntax);
  const runScripts = (names: readonly string[]): NodeCommand[] =>
    names.flatMap(each => {
      const text = scripts[each];
      return typeof text === 'string' ? nodeCommands(text, scripts, depth + 1) : [];
    });
  const [operand = ''] = read.operands;
  const [script] = read.scripts;
  if (script !== undefined) return runScripts([script]);
  switch (syntax.operand) {
    case 'command':
      return nodeCommand(read.operands, scripts, depth).map(command => ({
        ...command,
        envFiles: [...read.envFiles, ...command.envFiles],
        clearsEnvironment:
          command.clearsEnvironment ||
          (name === 'env' && read.others.some(flag => /^(?:-i?|--ignore-environment)$/.test(flag))),
      }));
    case 'command lines':
      return read.operands.flatMap(line =>
        line.startsWith('npm:') ? runScripts([line.slice(4)]) : nodeCommands(line, scripts, depth),
      );
    case 'scripts':
      return runScripts(read.operands);
    case 'script or command': {
      const inner = read.operands.filter((word, index) => index > 1 || !/^(?:exec|x|dlx|run|--)$/.test(word));
      const runsScript = /^(?:run(?:-script)?|start)$/.test(operand);
      // Options of npm may follow the name of the script.
      const { workspaces, operands } = runsScript ? readWords(rest, { ...syntax, readsAll: true }) : read;
      const [workspace] = workspaces;
      const words = operands.filter((word, index) => index > 0 || !/^run(?:-script)?$/.test(word));
      if (workspace !== undefined) return [{ ...NO_FILE, runner: name, workspace, inWorkspace: words }];
      const [named = ''] = read.operands.filter(word => !/^run(?:-script)?$|^-/.test(word));
      return typeof scripts[named] === 'string' ? runScripts([named]) : nodeCommand(inner, scripts, depth);
    }
    case 'none':
    case 'file': {
      if (name === 'bun' && typeof scripts[operand] === 'string') return runScripts([operand]);
      if (syntax === SHELL) return read.commands.flatMap(line => nodeCommands(line, scripts, depth));
      if (read.evaluates || (syntax.operand === 'none' && !read.hasSubcommand)) return [];
      const [inner] = read.commands.flatMap(text => {
        const own = nodeCommand(shellWords(text));
        return own.length > 0 ? own : nodeCommand([...shellWords(text), operand]);
      });
      const file = syntax.operand === 'none' ? undefined : operand || inner?.file;
      return [
        {
          runner: inner && inner.runner !== 'node' && name === 'nodemon' ? inner.runner : name,
          file: file === '' ? undefined : file,
          environment: inner?.environment ?? {},
          clearsEnvironment: false,
          ...(inner ? mergeOptions(optionsOf(read), inner) : optionsOf(read)),
        },
      ];
    }
  }
}

const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;

export const nodeOptions = (text: string): NodeOptions => optionsOf(readWords(shellWords(text), NODE));

/** Pass the options of NODE_OPTIONS first, because Node.js reads this variable before its command line. */
export function mergeOptions(...options: readonly NodeOptions[]): NodeOptions {
  return {
    preloads: options.flatMap(({ preloads }) => preloads),
    loaders: options.flatMap(({ loaders }) => loaders),
    envFiles: options.flatMap(({ envFiles }) => envFiles),
  };
}

export const NO_OPTIONS: NodeOptions = { preloads: [], loaders: [], envFiles: [] };

const NO_FILE = { ...NO_OPTIONS, file: undefined, environment: {}, clearsEnvironment: false };

/** The words after a command, grouped by their meaning. */
interface ReadWords {
  readonly requires: string[];
  readonly imports: string[];
  readonly loaders: string[];
  readonly envFiles: string[];
  readonly commands: string[];
  readonly scripts: string[];
  readonly workspaces: string[];
  /** Options that are in none of the lists of `Syntax`. */
  readonly others: string[];
  readonly operands: string[];
  evaluates: boolean;
  hasSubcommand: boolean;
}

/** Node.js loads all `--require` modules before the first `--import` module. */
const optionsOf = ({ requires, imports, loaders, envFiles }: ReadWords): NodeOptions => ({
  preloads: [...requires, ...imports],
  loaders,
  envFiles,
});

const LISTS = [
  'requires',
  'imports',
  'loaders',
  'envFiles',
  'commands',
  'scripts',
  'workspaces',
] as const satisfies readonly (keyof Syntax & keyof ReadWords)[];

function readWords(words: readonly string[], syntax: Syntax): ReadWords {
  const lists = Object.fromEntries(LISTS.map(list => [list, []])) as unknown as Record<
    (typeof LISTS)[number],
    string[]
  >;
  const read: ReadWords = { ...lists, others: [], operands: [], evaluates: false, hasSubcommand: false };
  let skipped = syntax.skipped ?? 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const [, flag = word, inline] = word.startsWith('-') ? (/^(--?[\w-]+)=(.*)$/s.exec(word) ?? []) : [];
    const value = (): string => inline ?? words[++at] ?? '';
    const list = LISTS.find(each => isIn(syntax[each], flag));
    if (word === '--') {
      read.operands.push(...words.slice(at + 1));
      break;
    }
    if (list) read[list].push(value());
    else if (isIn(syntax.nodeOptions, flag)) {
      const inside = readWords(shellWords(value()), NODE);
      for (const each of LISTS) read[each].push(...inside[each]);
    } else if (word.startsWith('-')) {
      read.others.push(flag);
      if (isIn(syntax.evaluates, flag)) read.evaluates = true;
      else if (inline === undefined && takesNext(flag, words[at + 1], syntax)) at++;
    } else if (!read.hasSubcommand && isIn(syntax.subcommands, word)) read.hasSubcommand = true;
    else if (skipped > 0) skipped--;
    else if (syntax.readsAll === true || syntax.operand === 'none') read.operands.push(word);
    else {
      read.operands.push(...words.slice(at));
      break;
    }
  }
  return read;
}

const isIn = (list: string | undefined, word: string): boolean => list?.split(/\s+/).includes(word) === true;

/** True if the next word is the value of this option. A number is always a value, as in `--max-old-space-size 4096`. */
const takesNext = (flag: string, next: string | undefined, { values }: Syntax): boolean =>
  isIn(values, flag) || (flag.startsWith('--') && /^\d+[kmg]?b?$/i.test(next ?? ''));

function splitCommands(words: readonly string[]): string[][] {
  const commands: string[][] = [[]];
  for (const word of words) {
    if (/^(?:&&?|\|\|?|;)$/.test(word)) commands.push([]);
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
