import { Presets, SingleBar } from 'cli-progress';
import { nameOf, type Cell, type Sample, type Variant } from './cell';
import { runOnCores } from './cores';
import type { RoundStore } from './round-store';
import { runInTurns, runSample, type SampleOptions } from './run-sample';

/** The results of one round: each variant of a cell is measured once, at the same time and on the same CPU core. */
export type Round = Readonly<Partial<Record<Variant, Sample>>>;

/** All rounds, by the name of the cell. */
export type Rounds = ReadonlyMap<string, readonly Round[]>;

/** Number of rounds that also measure allocated bytes and wall time. These values vary little, so two rounds are enough. */
const UNPAIRED_ROUNDS = 2;

interface Plan {
  readonly cells: readonly Cell[];
  readonly roundsOf: (cell: Cell) => number;
  readonly options: SampleOptions;
  readonly store: RoundStore;
}

/**
 * Measures all cells, in random order within each round. The variants of a cell alternate on one CPU core, so other load on the
 * machine slows all of them equally and their ratio stays correct.
 */
export async function runRounds({ cells, roundsOf, options, store }: Plan): Promise<Rounds> {
  const { shuffle } = await import('simple-statistics');
  const rounds = Math.max(0, ...cells.map(roundsOf));
  const missing = (cell: Cell) => Math.max(0, roundsOf(cell) - store.of(nameOf(cell)).length);
  const seconds = cells.reduce((sum, cell) => sum + cell.cost * cell.variants.length * missing(cell), 0);
  const bar = new SingleBar(
    { format: '{bar} {percentage}% · {what} · {eta_formatted} left', etaBuffer: 100, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(seconds, 0, { what: '' });
  try {
    for (let round = 0; round < rounds; round++) {
      const due = cells.filter(cell => store.of(nameOf(cell)).length <= round && round < roundsOf(cell));
      await runOnCores(shuffle(due), async (cell, core) => {
        bar.update({ what: `round ${round + 1}/${rounds} · ${nameOf(cell)}` });
        const variants = shuffle([...cell.variants]);
        store.add(nameOf(cell), await runRound(cell, variants, round, { ...options, core }));
        bar.increment(cell.cost * variants.length);
      });
    }
  } finally {
    bar.stop();
  }
  return new Map(cells.map(cell => [nameOf(cell), store.of(nameOf(cell))]));
}

async function runRound(
  cell: Cell,
  variants: readonly Variant[],
  round: number,
  options: SampleOptions,
): Promise<Round> {
  const inTurns = await runInTurns(cell, variants, options);
  if (round >= UNPAIRED_ROUNDS) return inTurns;
  const entries: [Variant, Sample][] = [];
  for (const [variant, sample] of Object.entries(inTurns) as [Variant, Sample][])
    entries.push([variant, { ...sample, ...(await runUnpaired(cell, variant, options)) }]);
  return Object.fromEntries(entries);
}

/** Measures wall time, event loop delay and allocated bytes. These measurements run alone. */
async function runUnpaired(cell: Cell, variant: Variant, options: SampleOptions): Promise<Partial<Sample>> {
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
