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
  /** Runs a script of package.json; its programs are services of their script's name, or of the given one. */
  start(script: string, service: string, env?: Variables): Program;
  /** Tells a program to end, and expects that it does so in good order and that the instrumentation had no complaint. */
  stop(program: Program): Promise<void>;
}

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
    await work({
      folder,
      collector,
      start: (script, service, own = {}) =>
        startProgram({
          cwd: folder,
          args: argumentsOf(manifest.scripts[script] ?? ''),
          env: { ...environment(collector, service), ...env, ...own },
        }),
      stop,
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

async function stop(program: Program): Promise<void> {
  program.kill('SIGTERM');
  const { code, signal } = await program.exit;
  const complaints = program.stderr.split('\n').filter(line => line.startsWith('@org/kafka-otel'));
  expect({ code, signal, complaints, stderr: program.stderr }).toEqual({
    code: 0,
    signal: null,
    complaints: [],
    stderr: program.stderr,
  });
}

/** The address that a service says it listens on. */
export async function addressOf(program: Program): Promise<string> {
  const [, port = ''] = await program.line(/listens on port (\d+)/);
  return `http://127.0.0.1:${port}`;
}

/** POSTs JSON; resolves with the answer's status and body. */
export async function post(url: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}
