import type { BenchmarkResult } from '../results';
import { short, withInterval } from './tables';

export async function scaleTable(benchmarks: readonly BenchmarkResult[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const median = (benchmark: BenchmarkResult, variant: 'official' | 'ours', field: string) => {
    const value = benchmark.variants[variant]?.[field];
    return value ? short(value.median) : '';
  };
  return markdownTable(
    [
      ['path', 'official, µs', 'ours, µs', 'ours × official', 'one collection, ms', 'series'],
      ...benchmarks.map(benchmark => [
        benchmark.path,
        median(benchmark, 'official', 'cpu'),
        median(benchmark, 'ours', 'cpu'),
        withInterval(benchmark.ratios.official),
        median(benchmark, 'ours', 'collect'),
        median(benchmark, 'ours', 'series'),
      ]),
    ],
    { align: ['l', 'r', 'r', 'r', 'r', 'r'] },
  );
}

const MESSAGES_PER_SECOND = 100_000;

/**
 * Creates a table with the number of CPU cores that each instrumentation needs for `MESSAGES_PER_SECOND`. kafkajs
 * itself is not counted.
 */
export async function loadTable(benchmarks: readonly BenchmarkResult[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const cores = (benchmark: BenchmarkResult, variant: 'official' | 'ours') => {
    const micros = benchmark.variants[variant]?.['cpu']?.median;
    return micros === undefined ? '' : short((micros * MESSAGES_PER_SECOND) / 1e6);
  };
  return markdownTable(
    [
      ['path', 'mode', 'official, cores', 'ours, cores'],
      ...benchmarks.map(benchmark => [
        benchmark.path,
        benchmark.mode,
        cores(benchmark, 'official'),
        cores(benchmark, 'ours'),
      ]),
    ],
    { align: ['l', 'l', 'r', 'r'] },
  );
}
