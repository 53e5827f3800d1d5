import { execFileSync } from 'node:child_process';
import fs, { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagnose } from '../../../src/doctor/diagnose';
import { ZERO_CODE, issuesOf, layOut, manifest, type Tree } from './layout';

const CLIENT = String(ZERO_CODE['producer.js']);

/** The program loads `./part` after its Kafka client. */
const TREE = { ...ZERO_CODE, 'app.js': "require('./producer'); require('./part');" };

const diagnoseFolder = (folder: string) =>
  diagnose({
    folder,
    options: { preloads: [], loaders: [], envFiles: [] },
    environment: {},
    nodeVersion: '20.20.2',
    offline: true,
  });

test.each<[string, string | Buffer]>([
  ['a syntax error', 'const = ; function ( { ` "'],
  ['a null byte', '\0\0\0'],
  ['text that is no UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28])],
  ['nothing', ''],
])('a file with %s is read as far as possible', async (_, content) => {
  const folder = layOut(TREE);
  writeFileSync(join(folder, 'part.js'), content);
  expect(issuesOf(await diagnoseFolder(folder))).toEqual([]);
});

test.each<[string, (path: string) => void]>([
  ['nothing', () => undefined],
  [
    'a folder',
    path => {
      mkdirSync(path);
    },
  ],
  [
    'a link to nothing',
    path => {
      symlinkSync('nowhere', path);
    },
  ],
  [
    'a link to itself',
    path => {
      symlinkSync('part.js', path);
    },
  ],
  ['a named pipe', path => execFileSync('mkfifo', [path])],
])('%s in the place of a file that is loaded is a doubt with the line of the load', async (_, place) => {
  const folder = layOut({ ...TREE, 'app.js': "require('./producer');\nrequire('./part');" });
  place(join(folder, 'part.js'));
  const { findings, verdict } = await diagnoseFolder(folder);
  expect(issuesOf({ findings })).toEqual(['unsure entry.notFound']);
  expect(findings.find(({ level }) => level === 'unsure')).toMatchObject({
    file: 'app.js',
    line: 2,
    what: 'app.js loads ./part, which is not a file',
  });
  expect(verdict).toBe('unsure');
});

test.each([
  ['an import', 'app.mjs', "import './producer.js';\nimport './part.js';"],
  ['an awaited import', 'app.mjs', "import './producer.js';\nawait import('./part.js');"],
  ['a re-export', 'app.mjs', "import './producer.js';\nexport * from './part.js';"],
  [
    'a load after a handled rejection',
    'app.js',
    "require('./producer').connect().catch(() => 0)\nrequire('./part')",
  ],
])('%s of a file that does not exist is a doubt', async (_, file, code) => {
  const folder = layOut({
    ...ZERO_CODE,
    'package.json': manifest(`node --require @org/kafka-otel/register ${file}`),
    [file]: code,
  });
  expect(issuesOf(await diagnoseFolder(folder))).toEqual(['unsure entry.notFound']);
});

test('a preload that does not exist is a doubt', async () => {
  const start = 'node --require @org/kafka-otel/register --require ./part.js app.js';
  const folder = layOut({ ...ZERO_CODE, 'package.json': manifest(start) });
  const { findings } = await diagnoseFolder(folder);
  expect(issuesOf({ findings })).toEqual(['unsure entry.notFound']);
  expect(findings.find(({ level }) => level === 'unsure')?.what).toBe(
    'script "start" preloads ./part.js, which is not a file',
  );
});

test.each([
  "try { require('./part'); } catch {}",
  "let part; try { part = load(require('./part')); } catch (error) { part = require('./other'); }",
  "if (process.env.PART) require('./part');",
  "const part = process.env.PART && require('./part');",
  "const part = global.part || require('./part');",
  "const part = global.part ?? require('./part');",
  "switch (process.env.PART) { case 'a': require('./part'); }",
  "import('./part').catch(() => undefined);",
  "import('./part').then(run, () => undefined);",
  "import('./part').then(run).catch(() => undefined);",
  "if (process.env.PART) require('./extra');",
  "try { require('./extra'); } catch {}",
  // A bundle of browserify defines its own function `require`.
  "({ 1: [function (require, module, exports) { require('./part'); }, { './part': 2 }] });",
])('a file that does not exist is no doubt where the program can do without it: %s', async code => {
  const folder = layOut({
    ...ZERO_CODE,
    'app.js': `require('./producer');\n${code}`,
    'extra.js': "require('./part');",
  });
  expect(issuesOf(await diagnoseFolder(folder))).toEqual([]);
});

test.each<[string, Tree]>([
  ['./part', { 'part/package.json': { main: './lib/part' }, 'part/lib/part.js': CLIENT }],
  ['./part', { 'part/index.cjs': CLIENT }],
  ['./part', { 'part/index.json': {} }],
  ['./part', { 'part.d.ts': 'export type Part = string;' }],
  ['./part.js', { 'part.tsx': CLIENT }],
  ['./part.jsx', { 'part.tsx': CLIENT }],
  ['./part.js?fresh', { 'part.js': CLIENT }],
  ['./a%20part.js', { 'a part.js': CLIENT }],
])('%s leads to a file', async (specifier, tree) => {
  const code = `require('./producer');\nimport('${specifier}');`;
  expect(issuesOf(await diagnoseFolder(layOut({ ...ZERO_CODE, 'app.js': code, ...tree })))).toEqual([]);
});

test('a URL of a file on another computer is a doubt', async () => {
  const code = "require('./producer');\nimport('file://computer/part.js');";
  const { findings } = await diagnoseFolder(layOut({ ...ZERO_CODE, 'app.js': code }));
  expect(issuesOf({ findings })).toEqual(['unsure entry.notFound']);
});

test('a file that is too large is a doubt with its name', async () => {
  const folder = layOut({ ...TREE, 'part.js': CLIENT });
  truncateSync(join(folder, 'part.js'), 50_000_000);
  const { findings, verdict } = await diagnoseFolder(folder);
  expect(issuesOf({ findings })).toEqual(['unsure entry.unread']);
  expect(findings.find(({ level }) => level === 'unsure')).toMatchObject({
    file: 'part.js',
    what: 'part.js was not read: it is larger than 10 MB',
  });
  expect(verdict).toBe('unsure');
});

test('a file that cannot be read is a doubt with its name and the reason', async () => {
  const folder = layOut({ ...TREE, 'part.js': CLIENT });
  const part = join(folder, 'part.js');
  // Do not use `chmod`, because root may read every file.
  const error = Object.assign(new Error('no permission'), { code: 'EACCES' });
  const read = fs.readFileSync;
  jest.spyOn(fs, 'readFileSync').mockImplementation((file, ...options: []) => {
    if (file === part) throw error;
    return read(file, ...options);
  });
  const { findings } = await diagnoseFolder(folder);
  expect(issuesOf({ findings })).toEqual(['unsure entry.unread']);
  expect(findings.find(({ level }) => level === 'unsure')?.what).toBe('part.js was not read: EACCES');
});
