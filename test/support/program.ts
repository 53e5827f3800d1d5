import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { watchProgram } from '../conformance/watch';

/** The repository's root folder: the default working directory of programs. */
export const projectRoot = resolve(__dirname, '..', '..');

/** The built zero-code entry, for `execArgv: ['--require', registerPath]`. */
export const registerPath = join(projectRoot, 'dist', 'register.js');

/**
 * Zero-code entry with kafkajs as the only instrumentation and the SDK bundled in one file, which halves the CPU time of a start.
 * Each behaviour of register itself needs a test with the SDK as installed too.
 */
export const registerAlone: readonly string[] = [
  '--require',
  join(projectRoot, 'fixtures', 'kafkajs-alone.cjs'),
  '--require',
  registerPath,
];

export interface ProgramOptions {
  /** The program, absolute or relative to `cwd`. Omit it for `args` such as `['-e', '0']`. */
  readonly file?: string;
  readonly args?: readonly string[];
  /** Flags of Node.js, before the file. */
  readonly execArgv?: readonly string[];
  /** Added to a clean copy of the environment of this process; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: the root of the repository. */
  readonly cwd?: string;
  /** Default: the Node.js that runs the tests. */
  readonly node?: string;
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds from start to exit, wall time. */
  readonly ms: number;
}

export interface Program {
  readonly pid: number;
  /** Output so far. */
  readonly stdout: string;
  readonly stderr: string;
  /**
   * Resolves with the match of the first line on stdout or stderr, including lines already written. Rejects with the output so far
   * after `deadlineMs` (default 60 s) or when the program exits first.
   */
  line(pattern: string | RegExp, deadlineMs?: number): Promise<RegExpMatchArray>;
  /** Writes one line to the program's stdin. */
  send(line: string): void;
  kill(signal?: NodeJS.Signals): void;
  /** Resolves when the process has exited and all output was read, whatever the exit code. */
  readonly exit: Promise<ProgramExit>;
}

/** Enough for a start on a busy machine. */
const DEFAULT_DEADLINE_MS = 60_000;

/** Kills programs that still run: after the test that started them, or after the file when started outside a test. */
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
// The demo and scripts use this module outside jest.
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

/** Starts a Node.js program as a child process. It is killed when the test that started it ends. */
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
      // Only complete lines: a partial line that matches could still grow.
      const parts = (unfinished + chunk).split('\n');
      unfinished = parts.pop() ?? '';
      lines.push(...parts);
      notify();
    });
  }
  // EPIPE: the program exited before it read its stdin. `exit` reports that.
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
  /** `service.name`; default `program`. */
  readonly service?: string;
  /** Export metrics too, every 200 ms; default false. */
  readonly metrics?: boolean;
  /** Export log records too; default false. */
  readonly logs?: boolean;
}

/** Standard variables for an SDK that exports to a collector at short intervals, without cloud resource detection. */
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
    // The environment detector provides the service name; other detectors would query cloud endpoints.
    OTEL_NODE_RESOURCE_DETECTORS: 'env',
  };
}

/** Without variables that jest, npm or the developer's shell set for Node.js and OpenTelemetry. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(OTEL_|npm_|JEST_|NODE_OPTIONS$|NODE_ENV$|NODE_PATH$|INIT_CWD$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const tail = (text: string): string => (text.length > 8_000 ? `…${text.slice(-8_000)}` : text);
