import type { Variant } from '../benchmark';
import type { BenchmarkResult } from '../results';
import type { Row } from '../row';
import { rowTable, short } from './tables';

/** The workloads in the tables of the README and of docs/performance.md, with their descriptions. */
const PATHS: Readonly<Record<string, string>> = {
  'produce 1 100 B': '`send` of one message',
  'produce 500 100 B': '`send` of 500 messages',
  'eachMessage 100 B': '`eachMessage`',
  'eachBatch 100 B': '`eachBatch`',
  'eachBatch of 1000 100 B': '`eachBatch` of up to 1,000 messages',
};

/** The rows of docs/performance.md about start-up, memory and size. */
const START = /^(?:(?:the package|`register`) adds to `sdk-node`.*: CPU$|this package adds|.*, unpacked$)/;

/** Creates the README's table: the cost of tracing with spans and metrics. */
export async function summaryTable(benchmarks: readonly BenchmarkResult[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const rows = measuredOn('broker', benchmarks).map(({ name, benchmark }) => [
    name,
    ...(['headerless', 'official', 'ours'] as const).map(variant => short(micros(benchmark, variant))),
  ]);
  return markdownTable(
    [['µs of CPU per message', 'kafkajs alone', 'official instrumentation', 'this package'], ...rows],
    { align: ['l', 'r', 'r', 'r'] },
  );
}

/** Creates a table of docs/performance.md: what a message costs without and with this package. */
export async function addedTable(
  benchmarks: readonly BenchmarkResult[],
  group: string,
  without: Variant,
): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const measured = measuredOn(group, benchmarks);
  const hasOfficial = measured.some(({ benchmark }) => benchmark.variants.official);
  const rows = measured.map(({ name, benchmark }) => {
    const added = micros(benchmark, 'ours') - micros(benchmark, without);
    return [
      name,
      short(micros(benchmark, without)),
      ...(hasOfficial ? [short(micros(benchmark, 'official'))] : []),
      short(micros(benchmark, 'ours')),
      short(added),
      // 1 µs per message at 1,000 messages a second is 0.1 % of a core.
      `${short(added / 10)} %`,
    ];
  });
  return markdownTable(
    [
      [
        'µs of CPU per message',
        'not instrumented',
        ...(hasOfficial ? ['official instrumentation'] : []),
        'this package',
        'added by this package',
        'of a core, at 1,000 messages a second',
      ],
      ...rows,
    ],
    { align: ['l', ...Array<string>(hasOfficial ? 5 : 4).fill('r')] },
  );
}

/** Creates the table of docs/performance.md about start-up, memory and size. */
export const startTable = (rows: readonly Row[]): Promise<string> =>
  rowTable(rows.filter(({ what }) => START.test(what)));

function measuredOn(wanted: string, benchmarks: readonly BenchmarkResult[]) {
  return Object.entries(PATHS).flatMap(([path, name]) => {
    const benchmark = benchmarks.find(
      ({ group, mode, ...its }) => group === wanted && mode === 'metrics' && its.path === path,
    );
    return benchmark ? [{ name, benchmark }] : [];
  });
}

const micros = (benchmark: BenchmarkResult, variant: Variant): number =>
  benchmark.variants[variant]?.['cpu']?.median ?? NaN;
