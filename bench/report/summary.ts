import type { Variant } from '../benchmark';
import type { BenchmarkResult } from '../results';
import type { Row } from '../row';
import { rowTable, short, withInterval } from './tables';

/** Descriptions of the workloads in the tables of the README and of docs/performance.md. */
const PATHS: Readonly<Record<string, string>> = {
  'produce 1 100 B': '`send` of one message',
  'produce 500 100 B': '`send` of 500 messages',
  'eachMessage 100 B': '`eachMessage`',
  'eachBatch 100 B': '`eachBatch`',
  'eachBatch of 1000 100 B': '`eachBatch` of up to 1,000 messages',
};

/** Selects the rows about start-up, memory and size for docs/performance.md. */
const START = /^(?:(?:this package|`register`), .*`sdk-node`.*: CPU$|this package adds|.*, unpacked$)/;

export const SUMMARY_VARIANTS = ['headerless', 'official', 'ours'] as const;

export const isInSummary = ({
  group,
  mode,
  path,
}: Pick<BenchmarkResult, 'group' | 'mode' | 'path'>): boolean =>
  group === 'broker' && mode === 'metrics' && Object.hasOwn(PATHS, path);

/** The first columns of the table in the README and of the table of a quick run. */
const COMMON = ['µs of CPU per message', 'kafkajs alone', 'official instrumentation', 'this package'];

const commonCells = ({ name, benchmark }: { readonly name: string; readonly benchmark: BenchmarkResult }) => [
  name,
  ...SUMMARY_VARIANTS.map(variant => short(micros(benchmark, variant))),
];

/**
 * Creates the README's table of the cost of spans and metrics. A sentence below it says how much of this cost some
 * options save.
 *
 * @param scale - the results of `--scale`
 */
export async function summary(
  benchmarks: readonly BenchmarkResult[],
  scale: readonly BenchmarkResult[],
): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const rows = measuredOn('broker', benchmarks).map(measured => {
    const { benchmark } = measured;
    const added = micros(benchmark, 'ours') - micros(benchmark, 'headerless');
    return [
      ...commonCells(measured),
      withInterval(benchmark.ratios.official),
      // 1 µs per message is 0.001 of a core at 1,000 messages a second, and 0.02 of a core at 20,000.
      `${short(added / 1000)} / ${short(added / 50)}`,
    ];
  });
  const table = markdownTable(
    [[...COMMON, '÷ official', 'cores added at 1,000 / 20,000 messages a second'], ...rows],
    { align: ['l', 'r', 'r', 'r', 'r', 'r'] },
  );
  return `${table}\n\n${savings(scale)}`;
}

/** Returns a sentence that says how much of the cost of `eachMessage` some options save, measured without a broker. */
function savings(benchmarks: readonly BenchmarkResult[]): string {
  const cost = (options: string) => {
    const benchmark = benchmarks.find(({ path }) => path === `eachMessage, ${options}`);
    return benchmark ? micros(benchmark, 'ours') : NaN;
  };
  const saved = (options: string) => `${Math.round(100 * (1 - cost(options) / cost('default options')))} %`;
  return `Options lower what this package adds to \`eachMessage\`: \`topics: { exclude }\` saves ${saved('topics: exclude')} of it, \`metrics: false\` saves ${saved('metrics: false')}, and the two together save ${saved('both')} (measured without a broker).`;
}

/** Shows whether this machine confirms the published ratio to the official instrumentation. */
export async function quickTable(
  measured: readonly BenchmarkResult[],
  published: readonly BenchmarkResult[],
): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const rows = measuredOn('broker', measured).map(row => {
    const { name, ratios } = row.benchmark;
    const here = ratios.official;
    const there = published.find(other => other.name === name)?.ratios.official;
    const isConfirmed = here && there && here.low <= there.high && there.low <= here.high;
    return [...commonCells(row), withInterval(here), withInterval(there), isConfirmed ? 'yes' : '**no**'];
  });
  return markdownTable(
    [[...COMMON, '÷ official, here', '÷ official, in README', 'intervals overlap'], ...rows],
    { align: ['l', 'r', 'r', 'r', 'r', 'r', 'l'] },
  );
}

/** Creates a table for docs/performance.md with the cost per message, with and without this package. */
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
        'added load at 1,000 messages a second, as a share of one core',
      ],
      ...rows,
    ],
    { align: ['l', ...Array<string>(hasOfficial ? 5 : 4).fill('r')] },
  );
}

/** Creates the table about start-up, memory and size for docs/performance.md. */
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
