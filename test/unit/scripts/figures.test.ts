import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { provenance, writeFigures } from '../../../scripts/figures';

const page = join(__dirname, '../../../docs/figures-of-a-test.md');

beforeEach(() => {
  writeFileSync(page, 'Before.\n\n<!-- soak: npm run test:soak -->\n\nold\n\n<!-- /soak -->\n\nAfter.\n');
});

afterEach(() => {
  rmSync(page);
});

test('a command rewrites its own section and nothing else, as often as it runs', () => {
  writeFigures('figures-of-a-test', 'soak', '| a |\n| - |\n| $1 |');
  writeFigures('figures-of-a-test', 'soak', '| b |\n| - |\n| $1 |');
  expect(readFileSync(page, 'utf8')).toBe(
    'Before.\n\n<!-- soak: npm run test:soak -->\n\n| b   |\n| --- |\n| $1  |\n\n<!-- /soak -->\n\nAfter.\n',
  );
});

test('a section that the page does not have is an error', () => {
  expect(() => writeFigures('figures-of-a-test', 'fuzz', 'x')).toThrow('<!-- fuzz: … -->');
});

test('figures say when, where and on which commit they were taken', () => {
  expect(provenance()).toMatch(
    /^\d{4}-\d\d-\d\d, commit \w+( with changes)?, Node\.js \d+\.\d+\.\d+, \w+ \w+, \d+ × .+, \d+ GiB$/,
  );
});
