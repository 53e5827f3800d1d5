import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { run, type RunOptions } from '../e2e/loading/support/run';
import { brokerEnvironment, createTopics } from '../e2e/loading/support/topics';
import { processed, sent } from '../e2e/loading/support/whole';
import { runScript } from '../e2e/loaders/support/bundlers';
import { emptyFolder, project } from '../e2e/loaders/support/project';
import { startProgram } from '../support/program';
import { installed, npm, pack } from './installs';

const REGISTER = '@org/kafka-otel/register';

/** Returns the path of a Node.js executable, which is installed from npm. */
const nodeOf = (major: number): string => {
  const name = `node-${process.platform}-${process.arch}`;
  return join(installed(`${name}@${major}`), name, 'bin/node');
};

/** Runs a program. It must have its usual result, one producer span and one consumer span. */
async function expectTraced(options: RunOptions): Promise<void> {
  const { start } = await createTopics(['start']);
  const env = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'kafkajs', TOPIC: start.name };
  const ran = await run({ ...options, env });
  expect(ran.results).toEqual([['hello']]);
  expect(ran.spans).toEqual([sent(start), processed(start)]);
}

/** Links an installed package into `node_modules` of a project. */
function add(folder: string, modules: string, name: string): void {
  const link = join(folder, '../../node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(modules, name), link);
}

test.each([22, 24])('TypeScript is traced under the type stripping of Node.js %d', async major => {
  const folder = project('started');
  await expectTraced({
    node: nodeOf(major),
    execArgv: ['--require', REGISTER],
    file: join(folder, 'app.mts'),
    cwd: folder,
  });
});

test('TypeScript is traced under swc-node', async () => {
  const folder = project('started');
  add(folder, installed('@swc-node/register', 'typescript@5'), '@swc-node/register');
  await expectTraced({
    execArgv: ['--require', REGISTER, '--require', '@swc-node/register'],
    file: join(folder, 'app.ts'),
    cwd: folder,
  });
});

test('the tests of a vitest user see the spans of kafkajs', async () => {
  const folder = project('vitest-user');
  add(folder, installed('vitest@4'), 'vitest');
  const { orders } = await createTopics(['orders']);
  const program = startProgram({
    file: join(folder, '../../node_modules/vitest/vitest.mjs'),
    args: ['run'],
    cwd: folder,
    env: { ...brokerEnvironment, TOPIC: orders.name, OTEL_TRACES_EXPORTER: 'none', NO_COLOR: '1' },
  });
  const { code } = await program.exit;
  expect({ code, said: program.stdout }).toEqual({
    code: 0,
    said: expect.stringMatching(/Tests +1 passed \(1\)/) as string,
  });
});

test("pnpm's symlinked store is traced", async () => {
  const folder = project('started');
  const root = join(folder, '../..');
  rmSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{ "private": true }');
  const pnpm = join(installed('pnpm@10'), 'pnpm/bin/pnpm.cjs');
  const packages = ['kafkajs@2.2.4', '@opentelemetry/api@1.9', '@opentelemetry/sdk-node@0.223', pack(root)];
  execFileSync(process.execPath, [pnpm, 'add', '--ignore-scripts', ...packages], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for (const file of ['app.cjs', 'app.mjs'])
    await expectTraced({ execArgv: ['--require', REGISTER], file: join(folder, file), cwd: folder });
});

test('two copies of kafkajs, of different versions, are both traced in the workspaces of a monorepo', async () => {
  const folder = project('copies');
  npm(folder, 'install', '--ignore-scripts');
  await expectTraced({ execArgv: ['--require', REGISTER], file: join(folder, 'app.cjs'), cwd: folder });
});

test('a single executable application is traced through instrumentModule', async () => {
  const folder = project('bundled', { packages: ['esbuild'] });
  runScript(folder, 'inlined');
  const node = nodeOf(22);
  const alone = emptyFolder('alone');
  copyFileSync(join(folder, 'dist/inlined.cjs'), join(alone, 'app.cjs'));
  writeFileSync(
    join(alone, 'sea.json'),
    JSON.stringify({ main: 'app.cjs', output: 'app.blob', disableExperimentalSEAWarning: true }),
  );
  execFileSync(node, ['--experimental-sea-config', 'sea.json'], { cwd: alone, stdio: 'pipe' });
  const app = join(alone, 'app');
  copyFileSync(node, app);
  chmodSync(app, 0o755);
  const { inject } = (await import(join(installed('postject'), 'postject'))) as {
    readonly inject: (file: string, name: string, data: Buffer, options: object) => Promise<void>;
  };
  await inject(app, 'NODE_SEA_BLOB', readFileSync(join(alone, 'app.blob')), {
    sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
  });
  await expectTraced({ node: app, cwd: alone });
});
