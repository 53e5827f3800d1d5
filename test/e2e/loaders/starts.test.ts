import { join } from 'node:path';
import { registerPath } from '../../support/program';
import { run, type RunOptions } from '../loading/support/run';
import { createTopics } from '../loading/support/topics';
import { processed, sent } from '../loading/support/whole';
import { project } from './support/project';

const REGISTER = '@org/kafka-otel/register';

let folder: string;
beforeAll(() => {
  folder = project('started', { packages: ['tsx', 'ts-node', 'typescript'] });
});

/**
 * Runs a program of the project. It must exit cleanly, write nothing to stderr, and have one producer span and one
 * consumer span per message.
 */
async function expectTraced({ file = '', env, ...options }: RunOptions): Promise<void> {
  const { start } = await createTopics(['start']);
  const ran = await run({
    ...options,
    file: join(folder, file),
    cwd: folder,
    // Other installed instrumentations would add spans.
    env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'kafkajs', TOPIC: start.name, ...env },
  });
  expect(ran.results).toEqual([['hello']]);
  expect(ran.spans).toEqual([sent(start), processed(start)]);
  expect(ran.stderr).toBe('');
}

describe('one span per operation if register is loaded several times', () => {
  test.each<[string, RunOptions]>([
    [
      '--require, then --import',
      { execArgv: ['--require', REGISTER, '--import', REGISTER], file: 'app.mjs' },
    ],
    [
      '--import, then --require',
      { execArgv: ['--import', REGISTER, '--require', REGISTER], file: 'app.cjs' },
    ],
    [
      '--import twice, by two paths',
      { execArgv: ['--import', REGISTER, '--import', registerPath], file: 'app.mjs' },
    ],
    [
      'NODE_OPTIONS and the command line',
      { execArgv: ['--import', REGISTER], env: { NODE_OPTIONS: `--require ${REGISTER}` }, file: 'app.cjs' },
    ],
    ['a require of its own making', { execArgv: ['--import', REGISTER], file: 'created-require.mjs' }],
    [
      'a custom export condition',
      { execArgv: ['--conditions=development', '--require', REGISTER], file: 'app.mjs' },
    ],
  ])('%s', async (_, options) => {
    await expectTraced(options);
  });
});

describe('TypeScript is traced under', () => {
  test.each<[string, RunOptions]>([
    ['tsx as a preload', { execArgv: ['--require', REGISTER, '--import', 'tsx'], file: 'app.mts' }],
    [
      'ts-node',
      { execArgv: ['--require', REGISTER, '--require', 'ts-node/register/transpile-only'], file: 'app.ts' },
    ],
    [
      "ts-node's ESM loader",
      {
        execArgv: ['--no-warnings', '--require', REGISTER, '--loader', 'ts-node/esm/transpile-only'],
        file: 'app.mts',
      },
    ],
  ])('%s', async (_, options) => {
    await expectTraced(options);
  });
});

describe('send and process spans are one trace across', () => {
  test.each<[string, RunOptions]>([
    ['threads under --require', { execArgv: ['--require', REGISTER], file: 'threads.cjs' }],
    ['threads under --import, as ES modules', { execArgv: ['--import', REGISTER], file: 'threads.mjs' }],
    [
      'the processes of a cluster under --require',
      { execArgv: ['--require', REGISTER], file: 'processes.cjs', env: { BY: 'cluster' } },
    ],
    [
      'a forked process under --require',
      { execArgv: ['--require', REGISTER], file: 'processes.cjs', env: { BY: 'fork' } },
    ],
    [
      'a child process under NODE_OPTIONS',
      { file: 'processes.cjs', env: { BY: 'spawn', NODE_OPTIONS: `--require ${REGISTER}` } },
    ],
  ])('%s', async (_, options) => {
    await expectTraced(options);
  });
});
