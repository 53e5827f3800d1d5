import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { growthTable } from '../../../bench/report/growth';
import { addedTable, isInSummary, quickTable, startTable, summary } from '../../../bench/report/summary';
import { publishedResults } from '../../../bench/results';

// jest cannot load this ES module on every supported Node.js.
jest.mock('markdown-table', () => ({
  markdownTable: (rows: readonly (readonly string[])[]) =>
    rows.map(cells => `|${cells.join('|')}|`).join('\n'),
}));

const ROOT = join(__dirname, '../../..');
/** Returns the table cells in a section of docs/performance.md. Prettier changes only the space around them. */
const cellsOn = (section: string): string[][] => cellsIn(sectionOf('docs/performance.md', section));

function sectionOf(page: string, section: string): string {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return new RegExp(`<!-- ${section}: .* -->\\n([^]*?)<!-- /${section} -->`).exec(text)?.[1] ?? '';
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
  const { benchmarks, rows } = publishedResults('latest');
  const table = cellsIn(await addedTable(benchmarks, 'broker', 'headerless'));
  expect(table).toHaveLength(5);
  expect(cellsOn('cost')).toEqual(table);
  expect(cellsOn('start')).toEqual(cellsIn(await startTable(rows)));
});

test("the README's table and the savings below it are those of the last complete run", async () => {
  const { benchmarks } = publishedResults('latest');
  expect(benchmarks.filter(isInSummary)).toHaveLength(4);
  expect(cellsIn(sectionOf('README.md', 'cost'))).toEqual(
    cellsIn(await summary(benchmarks, publishedResults('scale').benchmarks)),
  );
});

test('a quick run says which ratios differ from the published ones', async () => {
  const { benchmarks } = publishedResults('latest');
  const published = benchmarks.filter(isInSummary);
  const [first, ...others] = published;
  const twice = { median: 2, low: 1.9, high: 2.1 };
  const measured = first ? [{ ...first, ratios: { official: twice } }, ...others] : [];
  const verdicts = cellsIn(await quickTable(measured, published)).map(cells => cells.at(-1));
  expect(verdicts).toEqual(['intervals overlap', '**no**', 'yes', 'yes', 'yes']);
});

test('the table of growth is that of its last run', async () => {
  const table = cellsIn(await growthTable(publishedResults('scale').benchmarks));
  expect(table).toHaveLength(5);
  expect(cellsOn('growth')).toEqual(table);
});

test("the figures of Confluent's client on the page are those of its last run", async () => {
  const { benchmarks } = publishedResults('confluent');
  const table = cellsIn(await addedTable(benchmarks, 'confluent', 'bare'));
  expect(table).toHaveLength(6);
  expect(cellsOn('confluent')).toEqual(table);
});
