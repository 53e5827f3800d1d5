import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { watchProgram } from '../conformance/watch';

/** Root folder of the repository, and the default working directory of test programs. */
export const projectRoot = resolve(__dirname, '..', '..');

/** For `execArgv: ['--require', registerPath]`. */
export const registerPath = join(projectRoot, 'dist', 'register.js');

/**
 * Node.js options that preload `register` with kafkajs as the only instrumentation, so a start takes half the CPU time. Test the
 * behaviour of `register` itself also with all instrumentations.
 */
export const registerAlone: readonly string[] = [
  '--require',
  join(projectRoot, 'fixtures', 'kafkajs-alone.cjs'),
  '--require',
  registerPath,
];

export interface ProgramOptions {
  /**
   * Path of the program, absolute or relative to `cwd`. Leave it out if `args` contains the code, for example `['-e',
   * '0']`.
   */
  readonly file?: string;
  readonly args?: readonly string[];
  /** Node.js options. They come before the file. */
  readonly execArgv?: readonly string[];
  /**
   * Environment variables to add. `undefined` removes a variable. The SDK is loaded from bundled files, unless you set
   * `NODE_OPTIONS`.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Working directory. Default: the root of the repository. */
  readonly cwd?: string;
  /** Node.js executable. Default: the executable that runs the tests. */
  readonly node?: string;
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Time from start to exit, in milliseconds. */
  readonly ms: number;
}

export interface Program {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  /**
   * Waits for a line on stdout or stderr, and resolves with its match. Earlier lines count too. Rejects if the program
   * exits first, or after `deadlineMs` (default 120 s). The error contains the output.
   */
  line(pattern: string | RegExp, deadlineMs?: number): Promise<RegExpMatchArray>;
  send(line: string): void;
  kill(signal?: NodeJS.Signals): void;
  /** Resolves with any exit code, after the program has exited and all output was read. */
  readonly exit: Promise<ProgramExit>;
}

/** Long enough for a start on a busy machine. */
const DEFAULT_DEADLINE_MS = 120_000;

/**
 * Kills programs that are still running at the end of the test that started them. Programs that were started outside a
 * test are killed after the last test of the file.
 */
class RunningPrograms {
  readonly programs = new Set<() => void>();
  stop = (): void => {
    for (const kill of this.programs) kill();
    this.programs.clear();
  };
}

const ofFile = new RunningPrograms();
const ofTest = new RunningPrograms();
let current = ofFile;

process.once('exit', () => {
  ofTest.stop();
  ofFile.stop();
});
// The demo and the scripts use this module without jest. Then `beforeEach` and the other functions do not exist.
if (typeof beforeEach === 'function') {
  beforeEach(() => {
    current = ofTest;
  });
  afterEach(() => {
    ofTest.stop();
    current = ofFile;
  });
  afterAll(ofFile.stop);
}

/** Starts a Node.js program as a child process. At the end of the test, the program is killed. */
export function startProgram(options: ProgramOptions): Program {
  const { file, args = [], execArgv = [], env = {}, cwd = projectRoot, node = process.execPath } = options;
  watchProgram(env);
  const started = process.hrtime.bigint();
  const argv = [...execArgv, ...(file === undefined ? [] : [resolve(cwd, file)]), ...args];
  const child = spawn(node, argv, { cwd, env: { ...cleanEnvironment(), ...env }, stdio: 'pipe' });
  const command = `${node} ${argv.join(' ')}`;

  const written = { stdout: '', stderr: '' };
  const lines: string[] = [];
  const ended: { exit?: ProgramExit; error?: Error } = {};
  const waiting = new Set<() => void>();
  const notify = () => {
    for (const check of waiting) check();
  };
  for (const stream of ['stdout', 'stderr'] as const) {
    let unfinished = '';
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      written[stream] += chunk;
      // Look only at complete lines, because the program may still be writing the last line.
      const parts = (unfinished + chunk).split('\n');
      unfinished = parts.pop() ?? '';
      lines.push(...parts);
      notify();
    });
  }
  // A write fails with EPIPE if the program exits before it reads its input. Ignore this error: `exit` reports the
  // exit.
  child.stdin.on('error', () => undefined);

  const kill = () => child.kill('SIGKILL');
  const owner = current;
  owner.programs.add(kill);
  const exit = new Promise<ProgramExit>((resolveExit, reject) => {
    child.once('error', error => {
      ended.error = error;
      reject(error);
      notify();
    });
    child.once('close', (code, signal) => {
      owner.programs.delete(kill);
      ended.exit = { code, signal, ms: Number((process.hrtime.bigint() - started) / 1_000_000n) };
      resolveExit(ended.exit);
      notify();
    });
  });
  exit.catch(() => undefined);

  const report = (reason: string) =>
    new Error(
      `${reason}\n$ ${command}\n--- stdout\n${tail(written.stdout)}\n--- stderr\n${tail(written.stderr)}`,
    );

  return {
    pid: child.pid ?? -1,
    exit,
    get stdout() {
      return written.stdout;
    },
    get stderr() {
      return written.stderr;
    },
    line(pattern, deadlineMs = DEFAULT_DEADLINE_MS) {
      const wanted = typeof pattern === 'string' ? new RegExp(escapeRegExp(pattern)) : pattern;
      return new Promise((resolveLine, reject) => {
        const done = () => {
          waiting.delete(check);
          clearTimeout(deadline);
        };
        const fail = (reason: string) => {
          done();
          reject(report(reason));
        };
        let checked = 0;
        const check = () => {
          while (checked < lines.length) {
            const match = lines[checked++]?.match(wanted);
            if (!match) continue;
            done();
            resolveLine(match);
            return;
          }
          if (ended.exit) {
            const { code, signal } = ended.exit;
            fail(`The program ended (${signal ?? `code ${String(code)}`}) before it wrote ${String(wanted)}`);
          } else if (ended.error !== undefined) {
            fail(`The program could not be started: ${String(ended.error)}`);
          }
        };
        const deadline = setTimeout(() => {
          fail(`The program did not write ${String(wanted)} within ${deadlineMs} ms`);
        }, deadlineMs);
        waiting.add(check);
        check();
      });
    },
    send(line) {
      child.stdin.write(`${line}\n`);
    },
    kill(signal = 'SIGTERM') {
      child.kill(signal);
    },
  };
}

export interface OtlpEnvironmentOptions {
  /** `service.name` of the program. Default: `program`. */
  readonly service?: string;
  /** Export metrics every 200 ms. Default: false. */
  readonly metrics?: boolean;
  /** Export log records. Default: false. */
  readonly logs?: boolean;
}

/**
 * Returns OpenTelemetry variables for a program that exports to a collector. The exports are frequent, and no detector
 * looks for a cloud provider.
 */
export function otlpEnvironment(
  collector: { readonly url: string },
  { service = 'program', metrics = false, logs = false }: OtlpEnvironmentOptions = {},
): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: metrics ? 'otlp' : 'none',
    OTEL_LOGS_EXPORTER: logs ? 'otlp' : 'none',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_BLRP_SCHEDULE_DELAY: '100',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_METRIC_EXPORT_TIMEOUT: '200',
    // The detector `env` sets the service name. Other detectors would send requests to cloud providers.
    OTEL_NODE_RESOURCE_DETECTORS: 'env',
  };
}

/** Returns the environment without variables that jest, npm or a developer may set for Node.js and OpenTelemetry. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(OTEL_|npm_|JEST_|NODE_OPTIONS$|NODE_ENV$|NODE_PATH$|INIT_CWD$)/;
  const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return Object.fromEntries([...inherited, ...Object.entries(bundledSdk())]);
}

/** Variables that load the SDK from bundled files. A test of the installed files sets `NODE_OPTIONS` to `undefined`. */
const bundledSdk = (): Record<string, string> =>
  process.env['SDK_FILES'] === undefined
    ? {}
    : { NODE_OPTIONS: `--require ${JSON.stringify(join(projectRoot, 'fixtures', 'bundled-sdk.cjs'))}` };

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const tail = (text: string): string => (text.length > 8_000 ? `…${text.slice(-8_000)}` : text);
