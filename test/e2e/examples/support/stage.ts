import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector, type Collector } from '../../../support/collector';
import { linkPackages } from '../../../support/installed';
import { otlpEnvironment, projectRoot, startProgram, type Program } from '../../../support/program';

type Variables = Readonly<Record<string, string>>;

/** An example as a user has it: copied out of the repository, with what its package.json names installed, and nothing else. */
export interface Stage {
  readonly folder: string;
  /** Receives what every program of the example exports. */
  readonly collector: Collector;
  /** Starts a script that keeps running, and waits for the line by which it says that it is ready. */
  ready(script: string, service: string, line: RegExp, env?: Variables): Promise<Ready>;
  /** Runs a script that ends by itself, and expects that it does so in good order. */
  run(script: string, service: string, env: Variables, args: readonly string[]): Promise<void>;
  /** Tells programs to end, and expects that they do so in good order. */
  stop(...programs: readonly Ready[]): Promise<void>;
}

/** A program that is ready, and the match of the line that said so. */
export interface Ready {
  readonly program: Program;
  readonly said: RegExpMatchArray;
}

/** Programs and brokers of a machine that may be busy. */
export const PATIENCE_MS = 90_000;

/** A program that takes longer hangs: it is killed, and its status tells. */
const ENDS_WITHIN_MS = 60_000;

// Above the patience with any one step, so that a failure says which step it was.
jest.setTimeout(300_000);

interface Manifest {
  readonly scripts: Variables;
  readonly dependencies: Variables;
  readonly devDependencies?: Variables;
}

/** Lays an example out far from this repository, and runs `work` with it. */
export async function withExample(
  name: string,
  env: Variables,
  work: (stage: Stage) => Promise<void>,
): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `example-${name}-`)));
  const collector = await startCollector();
  try {
    cpSync(join(projectRoot, 'examples', name), folder, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    linkPackages(folder, Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }));
    const start = (script: string, service: string, own: Variables, args: readonly string[] = []) =>
      startProgram({
        cwd: folder,
        args: [...argumentsOf(manifest.scripts[script] ?? ''), ...args],
        env: { ...environment(collector, service), ...env, ...own },
      });
    await work({
      folder,
      collector,
      async ready(script, service, line, own = {}) {
        const program = start(script, service, own);
        return { program, said: await program.line(line, PATIENCE_MS) };
      },
      async run(script, service, own, args) {
        const program = start(script, service, own, args);
        await program.exit;
        await expectGoodEnd(program);
      },
      async stop(...programs) {
        for (const { program } of programs) program.kill('SIGTERM');
        await Promise.all(programs.map(({ program }) => expectGoodEnd(program)));
      },
    });
  } finally {
    await collector.close();
    rmSync(folder, { recursive: true });
  }
}

/** `node --require x app.js` → `--require x app.js`; programs of packages are called as npm would call them. */
function argumentsOf(script: string): string[] {
  const [command, ...args] = script.split(' ');
  if (command === 'node') return args;
  if (command === 'tsc') return [require.resolve('typescript/bin/tsc'), ...args];
  throw new Error(`not a script that this test can run: "${script}"`);
}

const environment = (collector: Collector, service: string): Variables => ({
  ...otlpEnvironment(collector, { service }),
  KAFKA_BROKERS: process.env['KAFKA_BROKERS'] ?? '',
  PORT: '0',
  // kafkajs sets timers of negative length, which newer Node.js mentions.
  NODE_NO_WARNINGS: '1',
  // Those that the examples are about; sockets and files would only clutter the trees.
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,pg,kafkajs',
  OTEL_SEMCONV_STABILITY_OPT_IN: 'http,database',
});

/** Ended with status 0, and the instrumentation had no complaint. */
async function expectGoodEnd(program: Program): Promise<void> {
  const deadline = setTimeout(() => {
    program.kill('SIGKILL');
  }, ENDS_WITHIN_MS);
  const { code, signal } = await program.exit;
  clearTimeout(deadline);
  const { stdout, stderr } = program;
  const complaints = stderr.split('\n').filter(line => line.startsWith('@org/kafka-otel'));
  expect({ code, signal, complaints, stdout, stderr }).toEqual({
    code: 0,
    signal: null,
    complaints: [],
    stdout,
    stderr,
  });
}

/** The line by which a service with an HTTP server says that it is ready. */
export const LISTENS = /listens on port (\d+)/;

/** The address of a service that has said so. */
export const addressOf = ({ said: [, port = ''] }: Ready): string => `http://127.0.0.1:${port}`;

/** POSTs JSON; resolves with the answer's status and body. */
export async function post(url: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}
