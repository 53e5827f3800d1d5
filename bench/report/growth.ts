import { GROWTH, growthPath } from '../scale/benchmarks';
import type { BenchmarkResult } from '../results';
import { drawLines } from './chart';
import { short } from './tables';

/**
 * Creates the table of docs/performance.md that shows how cost and memory grow, for example with the number of topics.
 */
export async function growthTable(benchmarks: readonly BenchmarkResult[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const rows = GROWTH.map(({ what, counts }) => {
    const measured = counts.map(count => resultFor(what, count, benchmarks));
    const each = (value: (result: BenchmarkResult | undefined) => number | undefined) => {
      const values = measured.map(value);
      return values.every(number => number === undefined)
        ? '–'
        : values.map(number => short(number ?? NaN)).join(' · ');
    };
    return [
      `${counts.map(count => count.toLocaleString('en-US')).join(' · ')} ${what}`,
      each(result => figure(result, 'ours', 'cpu')),
      each(addedMegabytes),
      each(result => figure(result, 'ours', 'collect')),
    ];
  });
  return markdownTable(
    [
      ['in one process', 'µs of CPU per message', 'MB of memory added', 'ms of CPU per metric collection'],
      ...rows,
    ],
    { align: ['l', 'r', 'r', 'r'] },
  );
}

export function drawGrowth(file: string, benchmarks: readonly BenchmarkResult[]): void {
  const lines = GROWTH.map(({ what, counts }) => ({
    name: what,
    points: counts.map(
      count => [count, figure(resultFor(what, count, benchmarks), 'ours', 'cpu') ?? NaN] as const,
    ),
  }));
  drawLines(file, { title: 'µs of CPU per message', x: 'how many in one process', lines });
}

const resultFor = (what: string, count: number, benchmarks: readonly BenchmarkResult[]) =>
  benchmarks.find(({ path }) => path === growthPath(what, count));

const figure = (result: BenchmarkResult | undefined, variant: 'bare' | 'ours', field: string) =>
  result?.variants[variant]?.[field]?.median;

/** Memory that this package keeps in addition to the memory of kafkajs. */
function addedMegabytes(result: BenchmarkResult | undefined): number | undefined {
  const [ours, bare] = [figure(result, 'ours', 'held'), figure(result, 'bare', 'held')];
  return ours === undefined || bare === undefined ? undefined : (ours - bare) / 1e6;
}
