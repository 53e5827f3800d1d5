import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { OPTIONS } from '../../../src/config/settings';
import { DEFAULTS, PREFIX, plain, read } from './reading';

const ROOT = join(__dirname, '../../..');
const documentation = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');

/** Returns the cells of the table whose first column has this title, as text. */
function table(title: string): string[][] {
  const lines = documentation.split('\n');
  const start = lines.findIndex(
    (line, index) => line.startsWith(`| ${title} `) && lines[index + 1]?.startsWith('| -'),
  );
  const length = lines.slice(start).findIndex(line => !line.startsWith('|'));
  return lines.slice(start + 2, start + length).map(line =>
    line
      .slice(1, -1)
      .split(' | ')
      .map(cell => cell.trim().replace(/^\|$/, '')),
  );
}

interface Member {
  readonly name: string;
  /** Returns the texts of a JSDoc tag. */
  tag(tag: string): string[];
}

/** Returns the members that an interface declares itself. */
function membersOf(file: string, name: string): Member[] {
  const path = join(ROOT, 'src', file);
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = source.statements.filter(ts.isInterfaceDeclaration).find(each => each.name.text === name);
  return (found?.members ?? ts.factory.createNodeArray<ts.TypeElement>()).map(member => ({
    name: member.name?.getText(source) ?? '',
    tag: tag =>
      ts
        .getJSDocTags(member)
        .filter(each => each.tagName.text === tag)
        .map(each => each.getText(source).replace(/\s*\*?\s*$/, '')),
  }));
}

const words = (cell: string): string[] => [...cell.matchAll(/`([^`{]+)`/g)].map(([, word]) => word ?? '');

const rows = table('option').map(([option = '', variable = '', fallback = '', others = '']) => ({
  option: words(option)[0] ?? '',
  variable: words(variable)[0],
  fallback: words(fallback)[0] ?? fallback,
  others: words(others),
}));
const options = membersOf('config/options.ts', 'KafkaInstrumentationConfig');

test('the table has a row for every option, and no others', () => {
  const documented = rows.map(({ option }) => option).sort();
  expect(documented).toEqual(['enabled', ...options.map(({ name }) => name)].sort());
  expect(documented).toEqual(Object.keys(OPTIONS).sort());
});

describe.each(rows)('the row of $option', ({ option, variable, fallback, others }) => {
  const entry = Object.entries<{ variable?: string; fallback: unknown; type: { allowed: string } }>(
    OPTIONS,
  ).find(([name]) => name === option)?.[1];
  const declared = options.find(({ name }) => name === option);

  test('has the variable that the type names', () => {
    expect(variable).toBe(entry?.variable);
    // The option `enabled` is declared by the base package.
    if (!declared) return;
    const named =
      declared
        .tag('see')
        .join('\n')
        .match(/OTEL_INSTRUMENTATION_KAFKA_\w+/g) ?? [];
    expect(named).toEqual(variable === undefined ? [] : [PREFIX + variable]);
  });

  test('has the default that the type names', () => {
    if (declared) expect(declared.tag('default')).toEqual([expect.stringContaining(fallback)]);
    if (fallback === 'all' || fallback === 'none') {
      expect(entry?.fallback).toBeUndefined();
      return;
    }
    const { settings, problems } = read({ [option]: fallback });
    expect(problems).toEqual([]);
    expect(plain(settings)).toEqual(DEFAULTS);
  });

  test('has all accepted words', () => {
    const accepted = others.filter(word => read({ [option]: word }).problems.length === 0);
    expect(accepted).toEqual(others);
    const allowed = entry?.type.allowed.split(/, or (?:rules|several|\{)/)[0] ?? '';
    const isList = !allowed.startsWith('globs') && allowed !== 'a function';
    const listed = isList ? allowed.split(/, | or /).filter(word => word !== 'a function') : [];
    const isWord = isList && fallback !== 'all';
    expect([...(isWord ? [fallback] : []), ...others].sort()).toEqual(listed.sort());
  });
});

test('every field of a KafkaOperation has a row, in order', () => {
  const documented = table('field').map(([field = '']) => words(field)[0]);
  expect(documented).toEqual(membersOf('semconv/vocabulary.ts', 'KafkaOperation').map(({ name }) => name));
});

test('span names are as documented', () => {
  const documented = table('`spanName`').map(cells => cells.map(words));
  const named = (spanName: string) => {
    const { naming } = read({ spanName }).settings;
    const operation = (kind: 'send' | 'process') => ({
      ...{ kind, name: kind, topic: 'orders', group: undefined, messageCount: 1 },
    });
    return [
      [spanName],
      [naming.span(operation('send'))],
      [naming.span(operation('process'))],
      ['send', 'process'].map(naming.operation),
    ];
  };
  expect(documented).toEqual(['semconv', 'go-agent'].map(named));
});

test('attributes of each version are as documented', () => {
  const header = documentation.split('\n').find(line => line.startsWith('| meaning ')) ?? '';
  const versions = words(header);
  const facts = {
    operationName: 'send',
    operationType: 'send',
    partition: 0,
    offset: 7,
    group: 'billing',
    clientId: 'shop',
    clusterId: 'c',
    key: 'k',
    tombstone: true,
  } as const;
  const documented = table('meaning').map(([, ...cells]) => cells.flatMap(words));
  const shared = ['messaging.kafka.partition'];
  versions.forEach((semconv, index) => {
    const written = read({ semconv }).settings.vocabulary.spanAttributes(facts);
    const column = table('meaning').flatMap(([, ...cells]) => words(cells[index] ?? ''));
    expect([...new Set(column)].sort()).toEqual(
      Object.keys(written)
        .filter(name => !shared.includes(name))
        .sort(),
    );
  });
  expect(documented).not.toEqual([]);
});
