import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPage } from '../../docs/pages';
import { projectRoot, startProgram } from '../../support/program';
import { project } from './support/project';

/* The test file on docs/testing.md needs no broker. */

const JEST = join(projectRoot, 'node_modules/jest/bin/jest.js');
const { fences } = readPage('docs/testing.md');
const TEST = fences.find(({ text }) => text.includes('expect('))?.text ?? '';

const HANDLER = `
const { withMessageSpan } = require('@org/kafka-otel');
exports.handler = async event => {
  for (const records of Object.values(event.records))
    for (const record of records) await withMessageSpan(record, async () => undefined);
};
`;

/** Runs a test file of a service with jest. */
async function runJest(test: string) {
  const folder = project('jest-user');
  writeFileSync(join(folder, 'handler.js'), HANDLER);
  writeFileSync(join(folder, 'page.test.js'), test);
  const program = startProgram({
    file: JEST,
    args: ['--rootDir', folder, '--config', join(folder, 'jest.config.cjs'), 'page.test.js'],
    cwd: folder,
    env: { OTEL_TRACES_EXPORTER: 'none' },
  });
  const { code } = await program.exit;
  return { code, stderr: program.stderr };
}

test('the test on the page passes under jest, with the setup file of the same page', async () => {
  const { code, stderr } = await runJest(TEST);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('1 passed, 1 total') as string,
  });
});
