import type { Verdict } from '../judge';
import type { BenchmarkResult } from '../results';
import type { Row } from '../row';
import type { Estimate } from '../statistics';
import type { Comparison } from './floor-check';

/** Formats a number with two or three significant digits. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.1 || size === 0) return value.toFixed(2);
  return value.toFixed(3);
}

/** Formats a value with its confidence interval, such as `1.20 (1.10–1.31)`. */
export function withInterval(value: Estimate | undefined): string {
  return value ? `${short(value.median)} (${short(value.low)}–${short(value.high)})` : '';
}

/** Creates a table with the cost of each variant, and the cost of this package relative to the other variants. */
export async function costTable(benchmarks: readonly BenchmarkResult[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const median = (benchmark: BenchmarkResult, variant: keyof BenchmarkResult['variants'], field: string) => {
    const value = benchmark.variants[variant]?.[field];
    return value ? short(value.median) : '';
  };
  const present = (['headerless', 'bare', 'floor', 'official', 'ours', 'other'] as const).filter(variant =>
    benchmarks.some(benchmark => benchmark.variants[variant]),
  );
  // Without a broker, uninstrumented kafkajs (`bare`) costs almost nothing, so a ratio to it would be meaningless.
  const compared = present.filter(variant =>
    benchmarks.some(
      benchmark => benchmark.ratios[variant] && !(benchmark.group === 'in-process' && variant === 'bare'),
    ),
  );
  return markdownTable(
    [
      [
        'path',
        'mode',
        ...present,
        ...compared.map(other => `ours × ${other}`),
        'bytes, ours',
        'bytes, official',
      ],
      ...benchmarks.map(benchmark => [
        benchmark.path,
        benchmark.mode,
        ...present.map(variant => median(benchmark, variant, 'cpu')),
        ...compared.map(other => withInterval(benchmark.ratios[other])),
        median(benchmark, 'ours', 'bytes'),
        median(benchmark, 'official', 'bytes'),
      ]),
    ],
    { align: ['l', 'l', ...Array<string>(present.length + compared.length + 2).fill('r')] },
  );
}

export async function coldTable(benchmarks: readonly BenchmarkResult[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const measured = benchmarks.filter(
    ({ variants }) => variants.ours?.['cold'] && variants.official?.['cold'],
  );
  const bareOf = (path: string) =>
    measured.find(other => other.path === path && other.variants.bare)?.variants.bare;
  return markdownTable(
    [
      ['path', 'mode', 'kafkajs', 'official', 'ours', 'ours × official'],
      ...measured.map(({ path, mode, variants, coldRatios }) => [
        path,
        mode,
        ...[bareOf(path), variants.official, variants.ours].map(figures =>
          figures?.['cold'] ? short(figures['cold'].median) : '',
        ),
        withInterval(coldRatios.official),
      ]),
    ],
    { align: ['l', 'l', 'r', 'r', 'r', 'r'] },
  );
}

export async function targetTable(verdicts: readonly Verdict[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  return markdownTable(
    [
      ['target', 'benchmark', 'limit', 'measured', 'result', 'same value for `floor`', 'rounds'],
      ...verdicts.map(verdict => [
        verdict.name,
        `\`${verdict.benchmark}\``,
        String(verdict.limit),
        withInterval(verdict),
        verdict.isMet ? 'met' : '**missed**',
        withInterval(verdict.floor),
        String(verdict.rounds),
      ]),
    ],
    { align: ['l', 'l', 'r', 'r', 'l', 'r', 'r'] },
  );
}

/** Creates a table with values such as package sizes, which are no cost per message. */
export async function rowTable(rows: readonly Row[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  return markdownTable(
    [['figure', 'unit', 'measured'], ...rows.map(row => [row.what, row.unit, withInterval(row)])],
    { align: ['l', 'l', 'r'] },
  );
}

export async function floorTable(comparisons: readonly Comparison[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  return markdownTable(
    [
      ['workload', 'expected, µs', 'measured, µs', 'result'],
      ...comparisons.map(({ name, expected, measured, agrees }) => [
        name,
        short(expected),
        short(measured),
        agrees ? 'agrees' : '**differs by more than 30 %**',
      ]),
    ],
    { align: ['l', 'r', 'r', 'l'] },
  );
}
