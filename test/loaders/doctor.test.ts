import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NESTJS } from '../e2e/examples/support/nestjs';
import { emptyFolder } from '../e2e/loaders/support/project';
import { FRAMEWORK_DEADLINE_MS, frameworkLab, makeLabProject } from '../support/frameworks';
import { installPackages } from '../support/installed';
import { projectRoot, startProgram } from '../support/program';
import { installed, pack } from './installs';

const REGISTER = '--require @org/kafka-otel/register';
/** Without a connection, `send` of kafkajs fails immediately but still has a span. */
const SEND = `
const producer = new Kafka({ brokers: ['127.0.0.1:9092'], logLevel: 0 }).producer();
setImmediate(() => producer.send({ topic: 'orders', messages: [{ value: 'one' }] }).catch(() => undefined));
`;
const PROGRAM = `const { Kafka } = require('kafkajs');${SEND}`;

/** How the program is started: with `register`, so that spans flow, and without it. */
const STARTS = [
  ['register', REGISTER, true],
  ['nothing', '', false],
] as const;

type Files = Readonly<Record<string, string | object>>;

function write(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

type Variables = Readonly<Record<string, string>>;

/** Runs a script of Node.js to its end. @throws Error with its output for another exit code than `code` */
async function run(cwd: string, args: readonly string[], env: Variables = {}, code = 0): Promise<string> {
  const program = startProgram({
    args,
    cwd,
    env: {
      OTEL_TRACES_EXPORTER: 'console',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      ...env,
    },
  });
  const exit = await program.exit;
  if (exit.code !== code)
    throw new Error(`${args.join(' ')} ended with ${String(exit.code)}:\n${program.stdout}${program.stderr}`);
  return program.stdout;
}

interface Verdict {
  readonly flows: boolean;
  readonly findings: readonly { readonly level: string }[];
}

interface Commands {
  readonly cwd: string;
  readonly doctor: readonly string[];
  readonly program: readonly string[];
  /** Exit code of the program. Default: 0. */
  readonly code?: number;
  readonly env?: Variables;
}

/** Expects that spans flow in a run of the program if `flows` is true and only then, and that the doctor says so. */
async function expectTrueVerdict(
  flows: boolean,
  { cwd, doctor, program, code, env }: Commands,
): Promise<void> {
  const verdict = JSON.parse(await run(cwd, doctor, env, flows ? 0 : 1)) as Verdict;
  const printed = await run(cwd, program, env, code);
  expect({ says: verdict.flows, runs: printed.includes("name: 'send orders'") }).toEqual({
    says: flows,
    runs: flows,
  });
  if (flows) expect(verdict.findings.filter(({ level }) => level !== 'ok')).toEqual([]);
}

describe('nest start', () => {
  let lab: string;
  beforeAll(async () => {
    lab = await frameworkLab(NESTJS, { '@nestjs/cli': '^12.0.0' });
  }, FRAMEWORK_DEADLINE_MS);

  test.each(STARTS)('the verdict on a start with %s matches a run of it', async (_, options, flows) => {
    const folder = makeLabProject(lab);
    const words = ['start', ...(options === '' ? [] : ['--exec', `node ${options}`])];
    try {
      write(folder, {
        'package.json': {
          name: 'shop',
          type: 'module',
          scripts: { start: `nest ${words.map(word => `"${word}"`).join(' ')}` },
        },
        'nest-cli.json': { sourceRoot: 'src' },
        'tsconfig.json': {
          compilerOptions: {
            module: 'node20',
            target: 'es2022',
            types: ['node'],
            rootDir: 'src',
            outDir: 'dist',
            skipLibCheck: true,
          },
          include: ['src'],
        },
        'src/main.ts': `
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Kafka } from 'kafkajs';

class Shop {}
Module({})(Shop);
await NestFactory.createApplicationContext(Shop, { logger: false });
${SEND}`,
      });
      await expectTrueVerdict(flows, {
        cwd: folder,
        doctor: [join(folder, 'node_modules/@org/kafka-otel/dist/doctor.js'), 'doctor', '--json'],
        program: [join(lab, 'node_modules/@nestjs/cli/bin/nest.js'), ...words],
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('pm2-runtime with an ecosystem file', () => {
  test.each(STARTS)('the verdict on a start with %s matches a run of it', async (_, options, flows) => {
    const folder = emptyFolder('pm2');
    installPackages(folder);
    write(folder, {
      'package.json': { name: 'shop', scripts: { start: 'pm2-runtime ecosystem.config.js' } },
      // With `pmx`, pm2 listens for messages in the program, which then does not end by itself.
      'ecosystem.config.js': `module.exports = { apps: [{ name: 'shop', script: './app.js', node_args: '${options}', autorestart: false, pmx: false }] };`,
      'app.js': PROGRAM,
    });
    await expectTrueVerdict(flows, {
      cwd: folder,
      doctor: [join(projectRoot, 'dist/doctor.js'), 'doctor', '--json'],
      program: [join(installed('pm2@6'), 'pm2/bin/pm2-runtime'), 'ecosystem.config.js'],
      // All its programs have ended.
      code: 2,
      env: { PM2_HOME: join(folder, '.pm2') },
    });
  });
});

/** What package managers keep between runs. */
const STORES = join(projectRoot, '.cache/loaders/stores');
const yarn = (nodeLinker: string): Files => ({
  '.yarnrc.yml': `nodeLinker: ${nodeLinker}\nenableTelemetry: false\nenableImmutableInstalls: false\n`,
  'yarn.lock': '',
});

describe.each<[string, manager: () => string, Files, runsCommand: readonly string[]]>([
  [
    'pnpm',
    () => join(installed('pnpm@10'), 'pnpm/bin/pnpm.cjs'),
    { 'pnpm-workspace.yaml': 'packages:\n  - app\n' },
    ['exec'],
  ],
  ...['node-modules', 'pnp'].map((linker): [string, () => string, Files, readonly string[]] => [
    `Yarn with the linker ${linker}`,
    () => join(installed('@yarnpkg/cli-dist@4'), '@yarnpkg/cli-dist/bin/yarn.js'),
    yarn(linker),
    [],
  ]),
])('a workspace of %s', (_, manager, settings, runsCommand) => {
  const env: Record<string, string> = {};
  let root: string;

  beforeAll(async () => {
    root = emptyFolder('workspace');
    const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
    Object.assign(env, {
      npm_config_registry: registry,
      npm_config_store_dir: join(STORES, 'pnpm'),
      npm_config_cache_dir: join(STORES, 'pnpm-cache'),
      npm_config_prefer_offline: 'true',
      YARN_NPM_REGISTRY_SERVER: registry,
      YARN_GLOBAL_FOLDER: join(STORES, 'yarn'),
    });
    write(root, {
      'package.json': { name: 'root', private: true, workspaces: ['app'] },
      'app/package.json': appManifest(''),
      'app/app.js': PROGRAM,
      ...settings,
    });
    await run(root, [manager(), 'install'], env);
  }, FRAMEWORK_DEADLINE_MS);

  let tarball: string | undefined;
  const appManifest = (options: string) => ({
    name: 'app',
    version: '1.0.0',
    scripts: { start: `node ${options} app.js` },
    dependencies: {
      kafkajs: '2.2.4',
      '@opentelemetry/api': '1.9.0',
      '@opentelemetry/sdk-node': '0.223.0',
      '@org/kafka-otel': `file:${(tarball ??= pack(root))}`,
    },
  });

  test.each(STARTS)('the verdict on a start with %s matches a run of it', async (_name, options, flows) => {
    const app = join(root, 'app');
    write(app, { 'package.json': appManifest(options) });
    await expectTrueVerdict(flows, {
      cwd: app,
      doctor: [manager(), ...runsCommand, 'kafka-otel', 'doctor', '--json'],
      program: [manager(), 'start'],
      env,
    });
  });
});
