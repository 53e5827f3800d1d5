import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { ROOT, codeIn, readPage, tableOf } from '../../docs/pages';

const SRC = join(ROOT, 'src');
const page = readPage('docs/architecture.md');
const picture = readFileSync(join(ROOT, 'docs/images/architecture.svg'), 'utf8');

const entries = readdirSync(SRC, { recursive: true, withFileTypes: true });
const folders = entries
  .filter(entry => entry.isDirectory())
  .map(entry => `${relative(SRC, join(entry.parentPath, entry.name)).replaceAll('\\', '/')}/`)
  .sort();

/** The rooms of the table, and the folders beside it that each imports. */
const rooms = new Map(
  tableOf(page, 'folder')
    .map(({ cells: [folder = '', , imported = ''] }) => [codeIn(folder), codeIn(imported)] as const)
    .filter(([names]) => names[0] !== undefined && !/^(?:test|bench)\//.test(names[0]))
    .map(([[name = ''], imported]) => [name, imported]),
);

const isTop = (folder: string): boolean => folder.split('/').length === 2;

test('every folder of the sources is in the table, and every row is a folder', () => {
  expect([...rooms.keys()].sort()).toEqual(folders);
});

test('every room is in the picture, and what is in the picture is there', () => {
  const named = [...picture.matchAll(/class="name"[^>]*>([^<]*)</g)].map(([, name = '']) => name);
  expect(named.filter(name => name.endsWith('/')).sort()).toEqual(folders.filter(isTop));
  const files = named.filter(name => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter(file => !readdirSync(SRC).includes(file))).toEqual([]);
});

test.each([...rooms].filter(([folder]) => isTop(folder)))(
  'src/%s imports the rooms that the table says, and no others',
  (folder, documented) => {
    const imported = new Set(
      readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' })
        .filter(file => file.endsWith('.ts'))
        .flatMap(file => importsOf(join(folder, file))),
    );
    imported.delete(folder);
    expect([...imported].sort()).toEqual(documented);
  },
);

/** The folders of `src/` that a file imports from, be it types. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(/(?:from|import\(|require\()\s*'(\.[^']*)'/g)].flatMap(([, target = '']) => {
    const [top = '', below] = normalize(join(dirname(file), target)).split(/[\\/]/);
    return below === undefined ? [] : [`${top}/`];
  });
}

test('the tests are laid out as the page says', () => {
  const named = tableOf(page, 'folder').flatMap(({ cells: [folder = ''] }) => codeIn(folder));
  const documented = named.filter(name => name.startsWith('test/')).sort();
  const there = readdirSync(join(ROOT, 'test'), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => `test/${entry.name}/`);
  expect(documented.length).toBeGreaterThan(6);
  expect(documented.filter(folder => !there.includes(folder))).toEqual([]);
});
