import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startCollector, type Collector } from '../../../support/collector';
import { confluentLab, CONFLUENT } from '../../../support/confluent';
import { frameworkLab, isFrameworkExample, makeLabProject } from '../../../support/frameworks';
import { linkPackages } from '../../../support/installed';
import { otlpEnvironment, projectRoot, startProgram, type Program } from '../../../support/program';

type Variables = Readonly<Record<string, string>>;

/** A copy of an example outside the repository. Only the dependencies of the example are installed. */
export interface Stage {
  readonly folder: string;
  /** Receives the telemetry of all programs of the example. */
  readonly collector: Collector;
  /** Starts a script that keeps running. Waits for the line that says that the script is ready. */
  ready(script: string, service: string, line: RegExp, env?: Variables): Promise<Ready>;
  /** Runs a script. The script must exit by itself with code 0 and without warnings. */
  run(script: string, service: string, env: Variables, args: readonly string[]): Promise<void>;
  /** Stops programs. They must exit with code 0 and without warnings. */
  stop(...programs: readonly Ready[]): Promise<void>;
}

/** A program that is ready, and the match of its ready line. */
export interface Ready {
  readonly program: Program;
  readonly match: RegExpMatchArray;
  /** Lines of the instrumentation that the program must log, in this order. */
  readonly warnings?: readonly RegExp[];
}

/** Maximum time of one step on a busy machine. */
export const STEP_MS = 90_000;

/** A program that runs longer is killed, which fails the check of its exit. */
const ENDS_WITHIN_MS = 60_000;

// Longer than the timeouts of the steps, so that the error names the step.
jest.setTimeout(300_000);

interface Manifest {
  readonly scripts: Variables;
  readonly dependencies: Variables;
  readonly devDependencies?: Variables;
}

export interface StageOptions {
  /** Versions of packages that replace the versions of the example. */
  readonly versions?: Variables;
}

/** Copies an example to a folder outside this repository and runs `work` with it. */
export async function withExample(
  name: string,
  env: Variables,
  work: (stage: Stage) => Promise<void>,
  { versions }: StageOptions = {},
): Promise<void> {
  const folder = realpathSync(
    isFrameworkExample(name)
      ? makeLabProject(await frameworkLab(name, versions))
      : mkdtempSync(join(tmpdir(), `example-${name}-`)),
  );
  const collector = await startCollector();
  try {
    cpSync(join(projectRoot, 'examples', name), folder, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    if (!isFrameworkExample(name)) await linkDependencies(folder, manifest);
    const start = (script: string, service: string, own: Variables, args: readonly string[] = []) =>
      startProgram({
        cwd: folder,
        args: [...argumentsOf(manifest.scripts[script] ?? '', folder), ...args],
        env: { ...environment(collector, service), ...env, ...own },
      });
    await work({
      folder,
      collector,
      async ready(script, service, line, own = {}) {
        const program = start(script, service, own);
        return { program, match: await program.line(line, STEP_MS) };
      },
      async run(script, service, own, args) {
        const program = start(script, service, own, args);
        await program.exit;
        await expectGoodEnd(program);
      },
      async stop(...programs) {
        for (const { program } of programs) program.kill('SIGTERM');
        await Promise.all(programs.map(({ program, warnings }) => expectGoodEnd(program, warnings)));
      },
    });
  } finally {
    await collector.close();
    rmSync(folder, { recursive: true });
  }
}

async function linkDependencies(folder: string, manifest: Manifest): Promise<void> {
  const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  linkPackages(
    folder,
    packages.filter(each => each !== CONFLUENT),
  );
  if (packages.includes(CONFLUENT)) await linkConfluent(folder);
}

/** Confluent's client is not installed in this repository. */
async function linkConfluent(folder: string): Promise<void> {
  const place = join(folder, 'node_modules', CONFLUENT);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(join(await confluentLab(), 'node_modules', CONFLUENT), place);
}

/** Converts `node --require x app.js` to `--require x app.js`. Finds the executables of packages as npm does. */
function argumentsOf(script: string, folder: string): string[] {
  const [command, ...args] = script.split(' ');
  if (command === 'node') return args;
  if (command === 'tsc') return [require.resolve('typescript/bin/tsc'), ...args];
  if (command === 'next') return [join(folder, '../node_modules/next/dist/bin/next'), ...args];
  throw new Error(`not a script that this test can run: "${script}"`);
}

const environment = (collector: Collector, service: string): Variables => ({
  ...otlpEnvironment(collector, { service }),
  KAFKA_BROKERS: process.env['KAFKA_BROKERS'] ?? '',
  PORT: '0',
  // Hide warnings about negative timeouts, which kafkajs causes on newer Node.js versions.
  NODE_NO_WARNINGS: '1',
  // Leave out other instrumentations, because spans of sockets and files would make the trees hard to read.
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,pg,kafkajs',
  OTEL_SEMCONV_STABILITY_OPT_IN: 'http,database',
});

/** The program must exit with code 0, and log only the expected warnings of the instrumentation. */
async function expectGoodEnd(program: Program, expected: readonly RegExp[] = []): Promise<void> {
  const deadline = setTimeout(() => {
    program.kill('SIGKILL');
  }, ENDS_WITHIN_MS);
  const { code, signal } = await program.exit;
  clearTimeout(deadline);
  const { stdout, stderr } = program;
  // On a busy machine, the collector may answer too late. The comparison of the traces finds spans that are really lost.
  const warnings = stderr
    .split('\n')
    .filter(line => /^(@org\/)?kafka-otel/.test(line) && !/ are lost: no answer from /.test(line));
  expect({ code, signal, warnings, stdout, stderr }).toEqual({
    code: 0,
    signal: null,
    warnings: expected.map(text => expect.stringMatching(text) as string),
    stdout,
    stderr,
  });
}

/** The ready line of a service with an HTTP server. */
export const LISTENS = /listens on port (\d+)/;

/** Returns the base URL, whose port is in the ready line of the service. */
export const addressOf = ({ match: [, port = ''] }: Ready): string => `http://127.0.0.1:${port}`;

/** Sends JSON in a POST request. Resolves with the status and body of the response. */
export async function post(url: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}
