import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, startProgram } from '../../support/program';
import { brokerEnvironment, createTopics } from '../loading/support/topics';
import { project } from './support/project';

const JEST = join(projectRoot, 'node_modules/jest/bin/jest.js');

/** Runs the tests of the project with jest itself, as its user would. */
async function runJest(folder: string) {
  const { orders } = await createTopics(['orders']);
  const program = startProgram({
    file: JEST,
    args: ['--rootDir', folder, '--config', join(folder, 'jest.config.cjs'), '--testTimeout=60000'],
    cwd: folder,
    env: { ...brokerEnvironment, TOPIC: orders.name, OTEL_TRACES_EXPORTER: 'none' },
  });
  const { code } = await program.exit;
  return { code, said: program.stderr };
}

test('the tests of a jest user see the spans of kafkajs, through instrumentModule in a setup file', async () => {
  const { code, said } = await runJest(project('jest-user'));
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('1 passed, 1 total') as string });
});

test('without it they see none: jest loads kafkajs past every require hook', async () => {
  const folder = project('jest-user');
  const setup = join(folder, 'tracing.cjs');
  writeFileSync(setup, readFileSync(setup, 'utf8').replace(/^instrumentation\.instrumentModule.*$/m, ''));
  const { code, said } = await runJest(folder);
  expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('1 failed, 1 total') as string });
});
