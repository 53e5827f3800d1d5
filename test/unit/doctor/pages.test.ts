import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings, OPTIONS } from '../../../src/config/settings';
import { complaints } from '../../../src/register/environment';
import { createLineCheck } from './diag-lines';
import { blocksOf, compile } from './snippets';

const ROOT = join(__dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const migrating = read('docs/migrating.md');
const troubleshooting = read('docs/troubleshooting.md');
const both = `${migrating}\n${troubleshooting}`;

describe('the snippets', () => {
  const snippets = blocksOf(both, 'js');
  const wrong = [
    "new KafkaJsInstrumentation({ producerSpan: 'message' });",
    'new KafkaJsInstrumentation({ batchHook: (span, { message }) => span.setAttribute("a", String(message)) });',
    "const { withMessageSpans } = require('@org/kafka-otel');",
    'new KafkaJsInstrumentation({',
  ];
  const told = compile([...snippets, ...wrong]);

  test('fit the types of the package', () => {
    expect(snippets.length).toBeGreaterThan(8);
    expect(told.slice(0, snippets.length).flat()).toEqual([]);
  });

  test('would not, with an option, a field or an export that there is not', () => {
    expect(told.slice(snippets.length).map(each => each.length > 0)).toEqual(wrong.map(() => true));
  });

  test('set variables that are read, to values that are allowed', () => {
    const variables = [...both.matchAll(/\b(OTEL_INSTRUMENTATION_KAFKAJS_[A-Z_]+)=([^\s`]+)/g)];
    const told: string[] = [];
    for (const [, name = '', value = ''] of variables) {
      // The one in a line that complains of it.
      if (value.startsWith('"')) continue;
      readSettings({}, { [name]: value }, complaint => told.push(complaint));
      told.push(...complaints({ [name]: value }));
    }
    expect(variables.length).toBeGreaterThan(3);
    expect(told).toEqual([]);
  });
});

test('every line of the log on the page is one that the sources write', () => {
  const isWritten = createLineCheck();
  const lines = blocksOf(troubleshooting, 'text').flatMap(block => block.trim().split('\n'));
  expect(lines.length).toBeGreaterThan(12);
  expect(lines.filter(line => !isWritten(line))).toEqual([]);
  expect(isWritten('kafka-otel: warning: kafkajs was loaded too early')).toBe(false);
});

describe('what the doctor finds', () => {
  const codes = (text: string, pattern: RegExp) =>
    new Set([...text.matchAll(pattern)].map(([, code]) => code));
  const checks = readdirSync(join(ROOT, 'src/doctor/checks')).map(file => read(`src/doctor/checks/${file}`));
  const made = codes(checks.join('\n').replace(/\bok\(\s*'[^']*'/g, ''), /^\s*.*?'([a-z]+\.[a-zA-Z]+)',?/gm);
  const groups = new Set([...made].map(code => code?.split('.')[0]));
  const documented = [...codes(troubleshooting, /`([a-z]+\.[a-zA-Z]+)`/g)].filter(code =>
    groups.has(code?.split('.')[0]),
  );
  const tested = codes(
    read('test/unit/doctor/wrong-setups.test.ts') + read('test/unit/doctor/exporter.test.ts'),
    /(?:problem|warning) ([a-z]+\.[a-zA-Z]+)/g,
  );

  test('is on the page, and what the page says that it finds, it does', () => {
    expect(made.size).toBeGreaterThan(30);
    expect([...documented].sort()).toEqual([...made].sort());
  });

  test('has a test that it is found', () => {
    expect([...made].filter(code => !tested.has(code))).toEqual([]);
  });
});

test('every option that the pages name is one', () => {
  const named = [...both.matchAll(/`(\w+): (?:'[^']*'|true|false)`/g)].map(([, option = '']) => option);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter(option => !(option in OPTIONS))).toEqual([]);
});

test('every attribute and metric that is said to be recorded is in the reference', () => {
  const reference = read('docs/spans-and-metrics.md');
  const rows = migrating.split('\n').filter(line => /^\| /.test(line) && !/^\| -/.test(line));
  const recorded = rows.flatMap(row => {
    const cells = row.slice(1, -1).split(' | ');
    // The name that stays, and what is there now: the middle of three columns or more is what was there.
    const here = cells.length > 2 ? [cells[0], ...cells.slice(2)] : cells.slice(1);
    return [...here.join(' ').matchAll(/`((?:messaging|kafka|server|error)\.[\w.]+)`/g)].map(
      ([, name = '']) => name,
    );
  });
  expect(recorded.length).toBeGreaterThan(30);
  expect(recorded.filter(name => !reference.includes(`\`${name}\``))).toEqual([]);
});

test.each(['migrating', 'troubleshooting'])('the links of %s lead somewhere', page => {
  const anchorsOf = (text: string) =>
    [...text.matchAll(/^#{2,3} (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
  const links = [...read(`docs/${page}.md`).matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)];
  expect(links.length).toBeGreaterThan(3);
  const broken = links.filter(([, file = '', anchor]) => {
    const target = `docs/${file === '' ? `${page}.md` : file}`;
    return (
      !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsOf(read(target)).includes(anchor))
    );
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});
