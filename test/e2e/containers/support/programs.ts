import { cpSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startCollector } from '../../../support/collector';
import { otlpEnvironment, projectRoot, startProgram, type ProgramOptions } from '../../../support/program';
import { installed } from './npm';
import { whole, type WholeSpan } from '../../loading/support/whole';

/** A program that runs longer is killed, which fails the test. */
const DEADLINE_MS = 60_000;

/** The keys are paths in the folder of the program. The values are the folders to link. */
export type Packages = Readonly<Record<string, string>>;

const here = (name: string): string => realpathSync(join(projectRoot, 'node_modules', name));

export const kafkajs: Packages = { 'node_modules/kafkajs': here('kafkajs') };
export const deepKafkajs: Packages = { 'packages/services/node_modules/kafkajs': here('kafkajs') };
export const api: Packages = { 'node_modules/@opentelemetry/api': here('@opentelemetry/api') };
export const sdk: Packages = {
  ...api,
  'node_modules/@opentelemetry/sdk-node': here('@opentelemetry/sdk-node'),
};
/** Packages from npm in this version, instead of the packages of this repository. */
export const apiOf = (version: string): Packages => {
  const folder = installed(`@opentelemetry/api@${version}`);
  return { 'node_modules/@opentelemetry/api': join(folder, 'node_modules/@opentelemetry/api') };
};
export const sdkOf = (version: string, apiVersion: string): Packages => {
  const folder = installed(`@opentelemetry/sdk-node@${version}`, `@opentelemetry/api@${apiVersion}`);
  const names = ['@opentelemetry/sdk-node', '@opentelemetry/api'];
  return Object.fromEntries(names.map(name => [`node_modules/${name}`, join(folder, 'node_modules', name)]));
};

export const kafkaOtel: Packages = { 'node_modules/@org/kafka-otel': projectRoot };

/**
 * Creates a folder outside the repository with the test programs and only these packages. The packages are symbolic
 * links, as with pnpm, so their dependencies are found from their real path.
 */
export function layOutPrograms(parent: string, packages: Packages): string {
  const folder = mkdtempSync(join(parent, 'program-'));
  for (const name of ['containers', 'loading/round-trip.cjs', 'loading/named.mjs', 'register/http.mjs'])
    cpSync(join(projectRoot, 'fixtures', name), join(folder, name), { recursive: true });
  const manifest = { name: 'program', private: true, scripts: { start: 'node containers/plain.cjs' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  for (const [place, source] of Object.entries(packages)) {
    mkdirSync(dirname(join(folder, place)), { recursive: true });
    symlinkSync(source, join(folder, place));
  }
  return folder;
}

/** How a program ended, as its parent process sees it. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Told extends Outcome {
  /** The spans of `@org/kafka-otel` and of the program itself. */
  readonly spans: readonly WholeSpan[];
  /** Scope names of all spans. */
  readonly scopes: readonly string[];
  readonly services: readonly string[];
}

export interface Run extends ProgramOptions {
  readonly cwd: string;
  /** The program gets `SIGTERM` after this line. */
  readonly endAfter?: string;
}

/** Runs a program until it exits, with its own collector. */
export async function run({ endAfter, env, ...options }: Run): Promise<Told> {
  const collector = await startCollector();
  try {
    const program = startProgram({
      ...options,
      env: {
        ...otlpEnvironment(collector, { service: 'injected' }),
        KAFKA_BROKERS: process.env['KAFKA_BROKERS'],
        // Hide warnings about negative timeouts, which kafkajs causes on newer Node.js versions.
        NODE_NO_WARNINGS: '1',
        ...env,
      },
    });
    const deadline = setTimeout(() => {
      program.kill('SIGKILL');
    }, DEADLINE_MS);
    if (endAfter !== undefined) {
      await program.line(endAfter);
      program.kill('SIGTERM');
    }
    const { code, signal } = await program.exit;
    clearTimeout(deadline);
    const { stdout, stderr } = program;
    const { spans } = collector;
    return {
      code,
      signal,
      stdout,
      stderr,
      spans: whole(spans.filter(({ scope }) => scope === '@org/kafka-otel' || scope === 'own')),
      scopes: [...new Set(spans.map(({ scope }) => scope))].sort(),
      services: [...new Set(spans.map(({ service }) => service))].sort(),
    };
  } finally {
    await collector.close();
  }
}
