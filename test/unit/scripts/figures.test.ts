import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { provenance, writeFigures } from '../../../scripts/figures';

// Use a folder outside the repository, because other tests read all pages at the same time.
const folder = mkdtempSync(join(tmpdir(), 'figures-'));
const page = join(folder, 'page.md');
const name = relative(join(__dirname, '../../..'), page);

beforeEach(() => {
  writeFileSync(page, 'Before.\n\n<!-- soak: npm run test:soak -->\n\nold\n\n<!-- /soak -->\n\nAfter.\n');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('each run of a command rewrites its own section only', () => {
  writeFigures(name, 'soak', '| a |\n| - |\n| $1 |');
  writeFigures(name, 'soak', '| b |\n| - |\n| $1 |');
  expect(readFileSync(page, 'utf8')).toBe(
    'Before.\n\n<!-- soak: npm run test:soak -->\n\n| b   |\n| --- |\n| $1  |\n\n<!-- /soak -->\n\nAfter.\n',
  );
});

test('a missing section is an error', () => {
  expect(() => writeFigures(name, 'fuzz', 'x')).toThrow('<!-- fuzz: … -->');
});

test('figures name their date, commit and machine', () => {
  expect(provenance()).toMatch(
    /^\d{4}-\d\d-\d\d, commit \w+( with changes)?, Node\.js \d+\.\d+\.\d+, \w+ \w+, \d+ × .+, \d+ GiB$/,
  );
});
