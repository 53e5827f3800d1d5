import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameOf, type Benchmark, type Sample, type Variant } from './benchmark';
import { costOfCopy } from './copy';
import { judge, numberIn, ratioOf, type Verdict } from './judge';
import type { Row } from './row';
import type { Round, Rounds } from './rounds';
import { estimate, type Estimate } from './statistics';
import { targets } from './targets';

/** Medians of the numbers that the processes of one variant printed, by field name. */
export type Figures = Readonly<Record<string, Estimate>>;

export interface BenchmarkResult {
  readonly name: string;
  readonly group: string;
  readonly path: string;
  readonly mode: string;
  readonly unit: string;
  readonly variants: Readonly<Partial<Record<Variant, Figures>>>;
  /**
   * CPU time of `ours` divided by the CPU time of another variant. A ratio is computed for each round, and this is
   * their median.
   */
  readonly ratios: Readonly<Partial<Record<Variant, Estimate>>>;
  /** The same ratios for the first 1,000 operations of a process. Empty if these operations were not measured. */
  readonly coldRatios: Readonly<Partial<Record<Variant, Estimate>>>;
}

export interface Results {
  readonly provenance: string;
  readonly rounds: number;
  readonly benchmarks: readonly BenchmarkResult[];
  readonly verdicts: readonly Verdict[];
  readonly rows: readonly Row[];
  /** CPU time to copy one message, in µs. */
  readonly copy: number;
}

export const publishedResults = (name: 'latest' | 'scale' | 'confluent'): Results =>
  JSON.parse(readFileSync(join(__dirname, 'results', `${name}.json`), 'utf8')) as Results;

interface Measured {
  readonly benchmarks: readonly Benchmark[];
  readonly rounds: Rounds;
  readonly rows: readonly Row[];
  readonly provenance: string;
}

export async function resultsOf({ benchmarks, rounds, rows, provenance }: Measured): Promise<Results> {
  const counts = [...rounds.values()].map(({ length }) => length);
  return {
    provenance,
    rounds: Math.max(0, ...counts),
    benchmarks: await Promise.all(
      benchmarks.map(benchmark => resultOf(benchmark, rounds.get(nameOf(benchmark)) ?? [])),
    ),
    verdicts: await judge(targets, rounds),
    rows,
    copy: costOfCopy(),
  };
}

async function resultOf(benchmark: Benchmark, rounds: readonly Round[]): Promise<BenchmarkResult> {
  const { group, path, mode, variants } = benchmark;
  const ratios: Partial<Record<Variant, Estimate>> = {};
  const coldRatios: Partial<Record<Variant, Estimate>> = {};
  const figures: Partial<Record<Variant, Figures>> = {};
  for (const variant of variants) {
    figures[variant] = await figuresOf(rounds.flatMap(round => round[variant] ?? []));
    if (variant === 'ours') continue;
    const ratio = await estimate(rounds.flatMap(round => ratioOf(round, 'ours', variant) ?? []));
    if (ratio) ratios[variant] = ratio;
    const coldRatio = await estimate(rounds.flatMap(round => ratioOf(round, 'ours', variant, 'cold') ?? []));
    if (coldRatio) coldRatios[variant] = coldRatio;
  }
  const samples = rounds.flatMap(round => Object.values(round));
  return {
    name: nameOf(benchmark),
    group,
    path,
    mode,
    unit: samples[0]?.unit ?? '',
    variants: figures,
    ratios,
    coldRatios,
  };
}

async function figuresOf(samples: readonly Sample[]): Promise<Figures> {
  const flat = samples.map(({ delay, ...fields }) => ({
    ...fields,
    ...(delay && { delayP50: delay.p50, delayMax: delay.max }),
  })) as unknown as readonly Sample[];
  const figures: Record<string, Estimate> = {};
  for (const field of new Set(flat.flatMap(sample => Object.keys(sample)))) {
    const estimated = await estimate(flat.flatMap(sample => numberIn(sample, field) ?? []));
    if (estimated) figures[field] = estimated;
  }
  return figures;
}
