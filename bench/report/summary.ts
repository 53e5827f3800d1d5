import type { Variant } from '../benchmark';
import type { BenchmarkResult } from '../results';
import { short } from './tables';

/** The workloads in the README's table, with their descriptions. */
const PATHS: Readonly<Record<string, string>> = {
  'produce 1 100 B': '`send` of one message',
  'produce 500 100 B': '`send` of 500 messages',
  'eachMessage 100 B': '`eachMessage`',
  'eachBatch 100 B': '`eachBatch`',
};

/** Creates the README's table: the cost of tracing with spans and metrics. */
export async function summaryTable(benchmarks: readonly BenchmarkResult[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const rows = Object.entries(PATHS).flatMap(([path, name]) => {
    const benchmark = benchmarks.find(
      ({ group, mode, ...its }) => group === 'broker' && mode === 'metrics' && its.path === path,
    );
    if (!benchmark) return [];
    const micros = (variant: Variant) => short(benchmark.variants[variant]?.['cpu']?.median ?? NaN);
    return [[name, ...(['headerless', 'official', 'ours'] as const).map(micros)]];
  });
  return markdownTable(
    [['µs of CPU per message', 'kafkajs alone', 'official instrumentation', 'this package'], ...rows],
    { align: ['l', 'r', 'r', 'r'] },
  );
}
