import { CLIENT_LIBRARIES } from '../../../src/clients';
import { kafkaJs } from '../../../src/clients/kafkajs';
import type { ClientLibrary } from '../../../src/core/port';
import { codeIn, readPage, tableOf, type Page } from '../../docs/pages';

const page = readPage('docs/clients.md');

/** The columns of the table after the first column. */
const columns: ClientLibrary[] = [kafkaJs, ...CLIENT_LIBRARIES.filter(each => each !== kafkaJs)];

/** Returns the cells of a row by library. */
function row(table: string, title: string, of: Page = page): string[] {
  const [, ...cells] = tableOf(of, table).find(({ cells: [first] }) => first === title)?.cells ?? [];
  return cells;
}

const firstCode = (cells: readonly string[]): (string | undefined)[] => cells.map(cell => codeIn(cell)[0]);

test.each([
  ['package', columns.map(({ packageName }) => packageName)],
  ['supported versions', columns.map(({ supportedVersions }) => supportedVersions.join(' || '))],
  ['name in the option `clients`', columns.map(({ name }) => name)],
  ["name in OpenTelemetry's variables", columns.map(({ instrumentationName }) => instrumentationName)],
])('the row "%s" says what the code says', (title, stated) => {
  expect(firstCode(row('', title))).toEqual(stated);
});

test('every traced method is listed, and no other', () => {
  const listed = tableOf(page, 'methods of').map(({ cells: [kind = ''] }) => kind);
  const [{ tracedMethods }] = columns as [ClientLibrary];
  expect(listed.sort()).toEqual(Object.keys(tracedMethods).sort());
  for (const kind of listed.filter(each => each !== 'admin')) {
    const methods = columns.map(library => library.tracedMethods[kind as 'producer']);
    expect({ [kind]: row('methods of', kind).map(codeIn) }).toEqual({ [kind]: methods });
  }
  expect(columns.map(library => library.tracedMethods.admin)).toEqual(columns.map(() => 'all'));
  for (const cell of row('methods of', 'admin')) expect(cell).toMatch(/^all\b/);
});

test('the table of metrics has each metric that there is, with an answer for each client', () => {
  const rows = tableOf(page, 'metric').map(({ cells }) => cells);
  const reference = tableOf(readPage('docs/metrics.md'), 'metric');
  expect(rows.map(([name]) => name).sort()).toEqual(reference.map(({ cells: [name] }) => name).sort());
  for (const [, ...answers] of rows)
    for (const answer of answers) expect(answer).toMatch(/^(yes|no: .|with `requestMetrics`$)/);
});
