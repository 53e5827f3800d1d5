import { nameOf, type Cell, type Sample, type Variant } from './cell';
import { costOfCopy } from './copy';
import { judge, numberIn, ratioOf, type Verdict } from './judge';
import type { Row } from './row';
import type { Round, Rounds } from './rounds';
import { estimate, type Estimate } from './statistics';
import { targets } from './targets';

/** Medians of all numbers that one variant of a cell printed, by field name. */
export type Figures = Readonly<Record<string, Estimate>>;

export interface CellResult {
  readonly name: string;
  readonly group: string;
  readonly path: string;
  readonly mode: string;
  readonly unit: string;
  readonly variants: Readonly<Partial<Record<Variant, Figures>>>;
  /** CPU time of `ours` divided by the CPU time of each other variant, computed per round. */
  readonly ratios: Readonly<Partial<Record<Variant, Estimate>>>;
}

export interface Results {
  readonly provenance: string;
  readonly rounds: number;
  readonly cells: readonly CellResult[];
  readonly verdicts: readonly Verdict[];
  readonly rows: readonly Row[];
  /** CPU time to copy one message, in µs. */
  readonly copy: number;
}

interface Measured {
  readonly cells: readonly Cell[];
  readonly rounds: Rounds;
  readonly rows: readonly Row[];
  readonly provenance: string;
}

export async function resultsOf({ cells, rounds, rows, provenance }: Measured): Promise<Results> {
  const counts = [...rounds.values()].map(({ length }) => length);
  return {
    provenance,
    rounds: Math.max(0, ...counts),
    cells: await Promise.all(cells.map(cell => resultOf(cell, rounds.get(nameOf(cell)) ?? []))),
    verdicts: await judge(targets, rounds),
    rows,
    copy: costOfCopy(),
  };
}

async function resultOf(cell: Cell, rounds: readonly Round[]): Promise<CellResult> {
  const { group, path, mode, variants } = cell;
  const ratios: Partial<Record<Variant, Estimate>> = {};
  const figures: Partial<Record<Variant, Figures>> = {};
  for (const variant of variants) {
    figures[variant] = await figuresOf(rounds.flatMap(round => round[variant] ?? []));
    const ratio = await estimate(rounds.flatMap(round => ratioOf(round, 'ours', variant) ?? []));
    if (ratio && variant !== 'ours') ratios[variant] = ratio;
  }
  const samples = rounds.flatMap(round => Object.values(round));
  return {
    name: nameOf(cell),
    group,
    path,
    mode,
    unit: samples[0]?.unit ?? '',
    variants: figures,
    ratios,
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
