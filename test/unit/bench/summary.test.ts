import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addedTable, startTable } from '../../../bench/report/summary';
import type { Results } from '../../../bench/results';

// jest cannot load this ES module on every supported Node.js.
jest.mock('markdown-table', () => ({
  markdownTable: (rows: readonly (readonly string[])[]) =>
    rows.map(cells => `|${cells.join('|')}|`).join('\n'),
}));

const ROOT = join(__dirname, '../../..');
const resultsOf = (client: string) =>
  JSON.parse(readFileSync(join(ROOT, 'bench/results', `${client}.json`), 'utf8')) as Results;

/** The cells of the table in a section of docs/performance.md. Prettier changes only the space around them. */
function cellsOn(section: string): string[][] {
  const page = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8');
  const [, table = ''] = new RegExp(`<!-- ${section}: .* -->\\n([^]*?)<!-- /${section} -->`).exec(page) ?? [];
  return cellsIn(table);
}

const cellsIn = (table: string): string[][] =>
  table
    .trim()
    .split('\n')
    .filter(line => !/^\|[\s:|-]+\|$/.test(line))
    .map(line =>
      line
        .slice(1, -1)
        .split('|')
        .map(cell => cell.trim()),
    );

test('the figures of kafkajs on the page are those of the last complete run', async () => {
  const { benchmarks, rows } = resultsOf('latest');
  const table = cellsIn(await addedTable(benchmarks, 'broker', 'headerless'));
  expect(table).toHaveLength(5);
  expect(cellsOn('cost')).toEqual(table);
  expect(cellsOn('start')).toEqual(cellsIn(await startTable(rows)));
});

test("the figures of Confluent's client on the page are those of its last run", async () => {
  const { benchmarks } = resultsOf('confluent');
  const table = cellsIn(await addedTable(benchmarks, 'confluent', 'bare'));
  expect(table).toHaveLength(6);
  expect(cellsOn('confluent')).toEqual(table);
});
