import type { Result } from './check';
import { compareVersions } from '../support/kafka/versions';
import { isRuntime } from '../support/runtimes';
import { belongsTo, type Row } from './matrix';
import { LINES } from './versions';
import { BARE, SETUPS } from './setups';

type Judged = Result & { readonly row: Row };

const PARTS: Readonly<Record<Row['about'], string>> = {
  node: 'Node.js',
  kafkajs: 'kafkajs',
  line: 'OpenTelemetry SDK and API',
  kafka: 'Apache Kafka',
  runtime: 'Other runtimes',
  pair: 'Risky combinations',
};

/** Returns the results as Markdown, with one table per heading. */
export async function tables(results: readonly Judged[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  return (Object.keys(PARTS) as Row['about'][])
    .map(about => ({
      about,
      rows: inOrder(
        about,
        results.filter(({ row }) => belongsTo(about, row)),
      ),
    }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ about, rows }) => `### ${PARTS[about]}\n\n${markdownTable([HEAD, ...rows.map(cells)])}`)
    .join('\n\n');
}

/** Sorts the rows by version. */
function inOrder(about: Row['about'], rows: readonly Judged[]): readonly Judged[] {
  if (about === 'pair' || about === 'runtime' || about === 'line') return rows;
  return [...rows].sort((one, other) => compareVersions(one.row[about], other.row[about]));
}

const HEAD = [
  'Node.js',
  'kafkajs',
  'SDK',
  'API',
  'Kafka',
  ...SETUPS.map(({ name }) => name),
  'limits of kafkajs itself',
];

function cells({ row, isIncompatible, notes, faults }: Judged): string[] {
  const { sdk, api } = LINES[row.line];
  return [
    isRuntime(row.node) ? titleOf(row.node) : row.node,
    row.kafkajs,
    sdk,
    api,
    row.kafka,
    ...SETUPS.map(({ name }) => {
      const ofBare = faults[BARE.name] ?? [];
      if (isIncompatible) return verdict(ofBare, 'incompatible');
      return verdict([...ofBare, ...(faults[name] ?? ['not run'])], 'works');
    }),
    notes.join('; ') || '–',
  ];
}

/** Returns a title such as `Bun 1.4.5`. */
const titleOf = (runtime: string): string =>
  runtime.charAt(0).toUpperCase() + runtime.slice(1).replace('@', ' ');

const verdict = (faults: readonly string[], good: string): string =>
  faults.length === 0 ? good : '**fails**';
