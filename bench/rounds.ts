import { Presets, SingleBar } from 'cli-progress';
import { nameOf, type Cell, type Sample, type Variant } from './cell';
import type { KeptRounds } from './kept';
import { runSample, type SampleOptions } from './run-sample';

/** What one round has shown of a cell: a sample of each variant, taken one after the other. */
export type Round = Readonly<Partial<Record<Variant, Sample>>>;

/** By name of the cell. */
export type Rounds = ReadonlyMap<string, readonly Round[]>;

/** Allocated bytes hardly differ from sample to sample: so many rounds count them. */
const ALLOCATION_ROUNDS = 3;

interface Plan {
  readonly cells: readonly Cell[];
  readonly rounds: number;
  readonly options: SampleOptions;
  readonly kept: KeptRounds;
}

/**
 * Runs every variant of every cell once a round, in ever different order: what disturbs the machine meets all variants alike,
 * and those of one cell run within seconds of each other, so that their ratio means something on a machine that is not quiet.
 */
export async function runRounds({ cells, rounds, options, kept }: Plan): Promise<Rounds> {
  const { shuffle } = await import('simple-statistics');
  const lacking = (cell: Cell) => Math.max(0, roundsOf(cell, rounds) - kept.of(nameOf(cell)).length);
  const seconds = cells.reduce((sum, cell) => sum + cell.cost * cell.variants.length * lacking(cell), 0);
  const bar = new SingleBar(
    { format: '{bar} {percentage}% · {what} · {eta_formatted} left', etaBuffer: 100, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(seconds, 0, { what: '' });
  try {
    for (let round = 0; round < rounds; round++) {
      for (const cell of shuffle([...cells])) {
        const name = nameOf(cell);
        if (kept.of(name).length > round || round >= roundsOf(cell, rounds)) continue;
        bar.update({ what: `round ${round + 1}/${rounds} · ${name}` });
        const samples: Partial<Record<Variant, Sample>> = {};
        for (const variant of shuffle([...cell.variants])) {
          samples[variant] = await sampled(cell, variant, { round, options });
          bar.increment(cell.cost);
        }
        kept.add(name, samples);
      }
    }
  } finally {
    bar.stop();
  }
  return new Map(cells.map(cell => [nameOf(cell), kept.of(nameOf(cell))]));
}

const roundsOf = ({ mostRounds = Infinity }: Cell, rounds: number): number => Math.min(rounds, mostRounds);

async function sampled(
  cell: Cell,
  variant: Variant,
  { round, options }: { round: number; options: SampleOptions },
): Promise<Sample> {
  const sample = await runSample(cell, variant, options);
  if (cell.allocationArgv === undefined || round >= ALLOCATION_ROUNDS) return sample;
  const { bytes } = await runSample(cell, variant, { ...options, countsAllocation: true });
  return bytes === undefined ? sample : { ...sample, bytes };
}
