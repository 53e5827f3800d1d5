import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, startProgram } from '../../support/program';
import { brokerEnvironment, createTopics } from '../loading/support/topics';
import { project } from './support/project';

const JEST = join(projectRoot, 'node_modules/jest/bin/jest.js');

/** Runs the tests of the project with jest, as its user would. */
async function runJest(folder: string) {
  const { orders } = await createTopics(['orders']);
  const program = startProgram({
    file: JEST,
    args: ['--rootDir', folder, '--config', join(folder, 'jest.config.cjs'), '--testTimeout=60000'],
    cwd: folder,
    env: { ...brokerEnvironment, TOPIC: orders.name, OTEL_TRACES_EXPORTER: 'none' },
  });
  const { code } = await program.exit;
  return { code, stderr: program.stderr };
}

test('tests under jest get the spans of kafkajs with instrumentModule in a setup file', async () => {
  const { code, stderr } = await runJest(project('jest-user'));
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('1 passed, 1 total') as string,
  });
});

test('without instrumentModule they get none, because jest bypasses require hooks', async () => {
  const folder = project('jest-user');
  const setup = join(folder, 'tracing.cjs');
  writeFileSync(setup, readFileSync(setup, 'utf8').replace(/^instrumentation\.instrumentModule.*$/m, ''));
  const { code, stderr } = await runJest(folder);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining('1 failed, 1 total') as string,
  });
});
