import { Presets, SingleBar } from 'cli-progress';
import { nameOf, type Cell, type Sample, type Variant } from './cell';
import type { KeptRounds } from './kept';
import { runInLanes } from './lanes';
import { runInTurns, runSample, type SampleOptions } from './run-sample';

/** What one round has shown of a cell: a sample of each variant, taken in turns. */
export type Round = Readonly<Partial<Record<Variant, Sample>>>;

/** By name of the cell. */
export type Rounds = ReadonlyMap<string, readonly Round[]>;

/** Allocated bytes, and what the clock tells of a sample that runs alone, need no pairs: so many rounds take them. */
const ROUNDS_ALONE = 2;

interface Plan {
  readonly cells: readonly Cell[];
  readonly roundsOf: (cell: Cell) => number;
  readonly options: SampleOptions;
  readonly kept: KeptRounds;
}

/**
 * Runs every variant of every cell once a round, in ever different order. Those of one cell run in turns and on the same processor core, so
 * that what disturbs the machine meets them alike, and their ratio means something on a machine that is not quiet.
 */
export async function runRounds({ cells, roundsOf, options, kept }: Plan): Promise<Rounds> {
  const { shuffle } = await import('simple-statistics');
  const rounds = Math.max(0, ...cells.map(roundsOf));
  const lacking = (cell: Cell) => Math.max(0, roundsOf(cell) - kept.of(nameOf(cell)).length);
  const seconds = cells.reduce((sum, cell) => sum + cell.cost * cell.variants.length * lacking(cell), 0);
  const bar = new SingleBar(
    { format: '{bar} {percentage}% · {what} · {eta_formatted} left', etaBuffer: 100, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(seconds, 0, { what: '' });
  try {
    for (let round = 0; round < rounds; round++) {
      const due = cells.filter(cell => kept.of(nameOf(cell)).length <= round && round < roundsOf(cell));
      await runInLanes(shuffle(due), async (cell, core) => {
        bar.update({ what: `round ${round + 1}/${rounds} · ${nameOf(cell)}` });
        const variants = shuffle([...cell.variants]);
        kept.add(nameOf(cell), await sampled(cell, variants, round, { ...options, core }));
        bar.increment(cell.cost * variants.length);
      });
    }
  } finally {
    bar.stop();
  }
  return new Map(cells.map(cell => [nameOf(cell), kept.of(nameOf(cell))]));
}

async function sampled(
  cell: Cell,
  variants: readonly Variant[],
  round: number,
  options: SampleOptions,
): Promise<Round> {
  const inTurns = await runInTurns(cell, variants, options);
  if (round >= ROUNDS_ALONE) return inTurns;
  const entries: [Variant, Sample][] = [];
  for (const [variant, sample] of Object.entries(inTurns) as [Variant, Sample][])
    entries.push([variant, { ...sample, ...(await sampledAlone(cell, variant, options)) }]);
  return Object.fromEntries(entries);
}

/** What is not compared in pairs. */
async function sampledAlone(cell: Cell, variant: Variant, options: SampleOptions): Promise<Partial<Sample>> {
  const found: { -readonly [Field in keyof Sample]?: Sample[Field] } = {};
  if (cell.isTimed) {
    const { wall, delay } = await runSample(cell, variant, options);
    Object.assign(found, wall !== undefined && { wall }, delay && { delay });
  }
  if (cell.allocationArgv) {
    const { bytes } = await runSample(cell, variant, { ...options, countsAllocation: true });
    if (bytes !== undefined) found.bytes = bytes;
  }
  return found;
}
