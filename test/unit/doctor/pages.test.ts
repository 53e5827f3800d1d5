import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaJs } from '../../../src/clients/kafkajs';
import { OPTIONS } from '../../../src/config/settings';

const ROOT = join(__dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const migrating = read('docs/migrating.md');
const troubleshooting = read('docs/troubleshooting.md');
const both = `${migrating}\n${troubleshooting}`;

describe('what the doctor finds', () => {
  const codes = (text: string, pattern: RegExp) =>
    new Set([...text.matchAll(pattern)].map(([, code]) => code));
  const checks = readdirSync(join(ROOT, 'src/doctor/checks')).map(file => read(`src/doctor/checks/${file}`));
  const made = codes(checks.join('\n').replace(/\bok\(\s*'[^']*'/g, ''), /^\s*.*?'([a-z]+\.[a-zA-Z]+)',?/gm);
  const groups = new Set([...made].map(code => code?.split('.')[0]));
  const documented = [...codes(troubleshooting, /`([a-z]+\.[a-zA-Z]+)`/g)].filter(code =>
    groups.has(code?.split('.')[0]),
  );
  const tests = readdirSync(__dirname).map(file => read(`test/unit/doctor/${file}`));
  const tested = codes(tests.join('\n'), /(?:problem|warning|unsure) ([a-z]+\.[a-zA-Z]+)/g);

  test('is documented completely', () => {
    expect(made.size).toBeGreaterThan(30);
    expect([...documented].sort()).toEqual([...made].sort());
  });

  test('has a test', () => {
    expect([...made].filter(code => !tested.has(code))).toEqual([]);
  });
});

test('the supported versions of kafkajs on the pages are those that are patched', () => {
  const range = kafkaJs.supportedVersions.join(' || ');
  const [lowest = ''] = kafkaJs.supportedVersions.map(each => /^>=(\S+)/.exec(each)?.[1] ?? '');
  expect(troubleshooting).toContain(`a version of kafkajs outside of \`${range}\``);
  expect(read('README.md')).toContain(`kafkajs \`${range.replace(/\.0(?!\.)\b/g, '')}\``);
  expect(read('docs/compatibility.md')).toMatch(new RegExp(`\\| kafkajs +\\| ${lowest} `));
});

test('every option that the pages name exists', () => {
  const named = [...both.matchAll(/`(\w+): (?:'[^']*'|true|false)`/g)].map(([, option = '']) => option);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter(option => !(option in OPTIONS))).toEqual([]);
});

test('every attribute and metric that the migration page names is in the reference', () => {
  const reference = read('docs/spans.md') + read('docs/metrics.md');
  const rows = migrating.split('\n').filter(line => /^\| /.test(line) && !/^\| -/.test(line));
  const recorded = rows.flatMap(row => {
    const cells = row.slice(1, -1).split(' | ');
    // In a row with three or more columns, the second column has the former name.
    const here = cells.length > 2 ? [cells[0], ...cells.slice(2)] : cells.slice(1);
    return [...here.join(' ').matchAll(/`((?:messaging|kafka|server|error)\.[\w.]+)`/g)].map(
      ([, name = '']) => name,
    );
  });
  expect(recorded.length).toBeGreaterThan(30);
  expect(recorded.filter(name => !reference.includes(`\`${name}\``))).toEqual([]);
});
