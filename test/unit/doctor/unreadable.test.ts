import { execFileSync } from 'node:child_process';
import fs, { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagnose } from '../../../src/doctor/diagnose';
import { ZERO_CODE, issuesOf, layOut } from './layout';

const CLIENT = String(ZERO_CODE['producer.js']);

/** The program that also loads `./part`, after its client. */
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
])('%s in the place of a file is left out', async (_, place) => {
  const folder = layOut(TREE);
  place(join(folder, 'part.js'));
  expect(issuesOf(await diagnoseFolder(folder))).toEqual([]);
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
  // Not by `chmod`: for root, permissions are no obstacle.
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
