import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT, codeIn, readPage, tableOf } from '../../docs/pages';

const SRC = join(ROOT, 'src');
const page = readPage('docs/architecture.md');

/** The entry files. They may import anything except another entry file. */
const ENTRIES = ['index.ts', 'register.ts', 'doctor.ts'];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .map(file => file.replaceAll('\\', '/'));

/** Returns `core/` for all files in that folder. A file outside of folders is a part of its own. */
const partOf = (file: string): string => (file.includes('/') ? `${file.split('/')[0] ?? ''}/` : file);

/** The parts of the table from top to bottom, each with the parts that it imports. */
const parts = tableOf(page, 'folder').map(({ cells: [part = '', , imported = ''] }) => ({
  part: codeIn(part)[0] ?? '',
  imported: codeIn(imported),
}));

interface Import {
  /** A file below `src/`, or a package. */
  readonly target: string;
  readonly isPackage: boolean;
}

/** Returns the imports of a file, including imports of types. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(/(?:from|import\(|require\()\s*'([^']+)'/g)].map(([, specifier = '']) => {
    if (!specifier.startsWith('.')) return { target: specifier, isPackage: true };
    const path = normalize(join(dirname(file), specifier)).replaceAll('\\', '/');
    const target = [`${path}.ts`, `${path}/index.ts`].find(each => files.includes(each)) ?? path;
    return { target, isPackage: false };
  });
}

const filesImportedBy = (file: string): string[] =>
  importsOf(file).flatMap(({ target, isPackage }) => (isPackage ? [] : [target]));

test('the table names every folder, and every file outside of folders except the entries', () => {
  const there = [...new Set(files.map(partOf))].filter(part => !ENTRIES.includes(part));
  expect(parts.map(({ part }) => part).sort()).toEqual(there.sort());
});

test.each(parts)('$part imports the parts that the table lists, and no others', ({ part, imported }) => {
  const found = new Set(
    files
      .filter(file => partOf(file) === part)
      .flatMap(filesImportedBy)
      .map(partOf),
  );
  found.delete(part);
  expect([...found].sort()).toEqual([...imported].sort());
});

test('a part imports only parts below it in the table', () => {
  const order = parts.map(({ part }) => part);
  const upwards = parts.flatMap(({ part, imported }) =>
    imported
      .filter(each => order.indexOf(each) <= order.indexOf(part))
      .map(each => `${part} imports ${each}`),
  );
  expect(upwards).toEqual([]);
});

test('there are no cycles of imports, types included', () => {
  const finished = new Set<string>();
  const cycleFrom = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return undefined;
    for (const next of filesImportedBy(file)) {
      const cycle = cycleFrom(next, [...path, file]);
      if (cycle) return cycle;
    }
    finished.add(file);
    return undefined;
  };
  expect(files.map(file => cycleFrom(file, [])).find(cycle => cycle !== undefined)).toBeUndefined();
});

test('a client imports no OpenTelemetry package, and nothing of another client except the shared part', () => {
  const wrong = files
    .filter(file => /^clients\/[^/]+\//.test(file))
    .flatMap(file => {
      const [, own = ''] = file.split('/');
      return importsOf(file)
        .filter(({ target, isPackage }) =>
          isPackage
            ? target.startsWith('@opentelemetry/')
            : target.startsWith('clients/') &&
              !target.startsWith(`clients/${own}/`) &&
              !target.startsWith('clients/shared/'),
        )
        .map(({ target }) => `${file} imports ${target}`);
    });
  expect(wrong).toEqual([]);
});

test('the port has types only', () => {
  const text = readFileSync(join(SRC, 'core/port.ts'), 'utf8');
  expect(text.match(/^(?:import|export)(?! type|\s+interface)\b.*/gm)).toBeNull();
});

test('test/README.md names every folder of the tests', () => {
  const named = tableOf(readPage('test/README.md'), 'folder').flatMap(({ cells: [folder = ''] }) =>
    codeIn(folder),
  );
  const there = readdirSync(join(ROOT, 'test'), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => `test/${name}/`);
  expect(named.sort()).toEqual(there.sort());
});
