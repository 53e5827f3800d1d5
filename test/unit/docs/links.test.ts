import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT, readPage, readPages, type Page } from '../../docs/pages';

/** A command writes this file, so a clone may not have it. */
const WRITTEN = ['bench/results/latest.json'];

const isThere = (path: string): boolean => WRITTEN.includes(path) || existsSync(join(ROOT, path));

const pages = readPages();
const byPath = new Map(pages.map(page => [page.path, page]));

/** Returns the links of a page to files and headings that do not exist. */
function brokenLinks(page: Page): string[] {
  return page.links.flatMap(({ line, target }) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [file = '', anchor] = target.split('#');
    const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
    const place = `${page.path}:${line}: ${target}`;
    if (path !== page.path && !isThere(path)) return [`${place} is not there`];
    if (anchor === undefined) return [];
    const linked = path === page.path ? page : byPath.get(path);
    return linked?.anchors.includes(anchor) ? [] : [`${place} has no such heading`];
  });
}

test.each(pages.map(page => [page.path, page] as const))('no link of %s is broken', (_, page) => {
  expect(brokenLinks(page)).toEqual([]);
});

test('a link to a missing file or heading is found', () => {
  const page = readPage(
    'docs/planted.md',
    '# One\n[a](missing.md) [b](configuration.md#missing) [c](#two) [d](#one) [e](../README.md)\n<img src="no.png">\n',
  );
  expect(brokenLinks(page)).toEqual([
    'docs/planted.md:2: missing.md is not there',
    'docs/planted.md:2: configuration.md#missing has no such heading',
    'docs/planted.md:2: #two has no such heading',
    'docs/planted.md:3: no.png is not there',
  ]);
});

test('the index links to every page beside it', () => {
  const index = byPath.get('docs/README.md');
  const linked = new Set(index?.links.map(({ target }) => target.replace(/#.*/, '')));
  const beside = pages.filter(({ path }) => dirname(path) === 'docs' && path !== index?.path);
  expect(beside.map(({ path }) => path.replace(/^docs\//, '')).filter(name => !linked.has(name))).toEqual([]);
});

test('README.md links to the index and is shorter than 150 lines', () => {
  const readme = byPath.get('README.md');
  expect(readme?.links.map(({ target }) => target)).toContain('docs/README.md');
  expect(readme?.text.split('\n').length).toBeLessThan(150);
});

test('every file that a page names in backticks exists', () => {
  const missing = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:src|test|bench|demo|scripts|fixtures|docs|examples|deploy)\/[^\s`*]*)`/g)]
      .flatMap(([, name = '']) => alternatives(name))
      .filter(name => !isThere(name))
      .map(name => `${path}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test('a name that ends in a slash is a folder', () => {
  const folders = pages.flatMap(({ text }) => [...text.matchAll(/`((?:src|test)\/[\w/-]*\/)`/g)]);
  const wrong = folders
    .map(([, name = '']) => name)
    .filter(name => !statSync(join(ROOT, name)).isDirectory());
  expect(wrong).toEqual([]);
});

/** `a/{b,c}.ts` stands for two names. */
function alternatives(name: string): string[] {
  const [, before = '', names, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(name) ?? [];
  return names === undefined ? [name] : names.split(',').map(each => `${before}${each}${after}`);
}
