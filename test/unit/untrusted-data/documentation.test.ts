import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPTIONS } from '../../../src/config/settings';

const root = join(__dirname, '../../..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

test('every test that docs/security.md names exists', () => {
  const named = [...page.matchAll(/`(test\/[^`]+)`/g)].flatMap(([, path = '']) => {
    const [, before = '', names = '', after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
    return names === '' ? [path] : names.split(',').map(name => `${before}${name}${after}`);
  });
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(path => !existsSync(join(root, path)))).toEqual([]);
});

test('every option that docs/security.md names exists', () => {
  const named = [...page.matchAll(/`(capture\w+|propagation|consumerContext|topics|metrics)[:`]/g)];
  expect(named.length).toBeGreaterThan(5);
  for (const [, option = ''] of named) expect(Object.keys(OPTIONS)).toContain(option);
});
