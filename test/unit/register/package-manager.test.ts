import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isPackageManager } from '../../../src/register/mode';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'package-manager-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function file(path: string, content = ''): string {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  return target;
}

test('a program of the application is not a package manager, wherever it is', () => {
  file('package.json', '{"name":"shop"}');
  const script = file('src/npm.js');
  expect(isPackageManager(script, { npm_execpath: file('elsewhere/npm-cli.js') })).toBe(false);
});

test.each(['npm', 'pnpm', 'yarn', 'corepack'])(
  '%s is known by its package, also through a symbolic link',
  name => {
    file(`lib/${name}/package.json`, JSON.stringify({ name }));
    const script = file(`lib/${name}/bin/cli.js`);
    const link = join(root, name);
    symlinkSync(script, link);
    expect(isPackageManager(link, {})).toBe(true);
  },
);

test('a package.json without a name, as dual packages have, does not hide the one above', () => {
  file('lib/npm/package.json', '{"name":"npm"}');
  file('lib/npm/dist/package.json', '{"type":"module"}');
  expect(isPackageManager(file('lib/npm/dist/cli.js'), {})).toBe(true);
});

test('a yarn that is committed to the project is known by its path', () => {
  file('package.json', '{"name":"shop"}');
  expect(isPackageManager(file('.yarn/releases/yarn-4.9.1.cjs'), {})).toBe(true);
});

test('any other package manager is known by npm_execpath, which it sets for itself and its children', () => {
  const script = file('bin/new-manager.js');
  expect(isPackageManager(script, { npm_execpath: script })).toBe(true);
});

test('no main script, or one that does not exist, is no package manager', () => {
  expect([isPackageManager(undefined, {}), isPackageManager(join(root, 'missing.js'), {})]).toEqual([
    false,
    false,
  ]);
});
