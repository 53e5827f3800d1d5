import { Presets, SingleBar } from 'cli-progress';
import { nameOf, type Benchmark, type Sample, type Variant } from './benchmark';
import { runOnCores } from './cores';
import type { RoundStore } from './round-store';
import { runInTurns, runSample, type SampleOptions } from './run-sample';

/**
 * The results of one round, which measures every variant of a benchmark once. The variants take turns on one CPU core.
 */
export type Round = Readonly<Partial<Record<Variant, Sample>>>;

/** The keys are the names of the benchmarks. */
export type Rounds = ReadonlyMap<string, readonly Round[]>;

/**
 * Number of rounds that also measure allocated bytes and wall time. These values vary little, so two rounds are enough.
 */
const UNPAIRED_ROUNDS = 2;

interface Plan {
  readonly benchmarks: readonly Benchmark[];
  readonly roundsOf: (benchmark: Benchmark) => number;
  readonly options: SampleOptions;
  readonly store: RoundStore;
}

/**
 * Measures all benchmarks, in random order within each round. The variants of a benchmark alternate on one CPU core, so
 * other programs slow all of them equally.
 */
export async function runRounds({ benchmarks, roundsOf, options, store }: Plan): Promise<Rounds> {
  const { shuffle } = await import('simple-statistics');
  const rounds = Math.max(0, ...benchmarks.map(roundsOf));
  const missing = (benchmark: Benchmark) =>
    Math.max(0, roundsOf(benchmark) - store.of(nameOf(benchmark)).length);
  const seconds = benchmarks.reduce(
    (sum, benchmark) => sum + benchmark.cost * benchmark.variants.length * missing(benchmark),
    0,
  );
  const bar = new SingleBar(
    { format: '{bar} {percentage}% · {what} · {eta_formatted} left', etaBuffer: 100, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(seconds, 0, { what: '' });
  try {
    for (let round = 0; round < rounds; round++) {
      const due = benchmarks.filter(
        benchmark => store.of(nameOf(benchmark)).length <= round && round < roundsOf(benchmark),
      );
      await runOnCores(shuffle(due), async (benchmark, core) => {
        bar.update({ what: `round ${round + 1}/${rounds} · ${nameOf(benchmark)}` });
        const variants = shuffle([...benchmark.variants]);
        store.add(nameOf(benchmark), await runRound(benchmark, variants, round, { ...options, core }));
        bar.increment(benchmark.cost * variants.length);
      });
    }
  } finally {
    bar.stop();
  }
  return new Map(benchmarks.map(benchmark => [nameOf(benchmark), store.of(nameOf(benchmark))]));
}

async function runRound(
  benchmark: Benchmark,
  variants: readonly Variant[],
  round: number,
  options: SampleOptions,
): Promise<Round> {
  const inTurns = await runInTurns(benchmark, variants, options);
  if (round >= UNPAIRED_ROUNDS) return inTurns;
  const entries: [Variant, Sample][] = [];
  for (const [variant, sample] of Object.entries(inTurns) as [Variant, Sample][])
    entries.push([variant, { ...sample, ...(await runUnpaired(benchmark, variant, options)) }]);
  return Object.fromEntries(entries);
}

/** Measures wall time, event loop delay and allocated bytes. Nothing else is measured at the same time. */
async function runUnpaired(
  benchmark: Benchmark,
  variant: Variant,
  options: SampleOptions,
): Promise<Partial<Sample>> {
  const found: { -readonly [Field in keyof Sample]?: Sample[Field] } = {};
  if (benchmark.isTimed) {
    const { wall, delay } = await runSample(benchmark, variant, options);
    Object.assign(found, wall !== undefined && { wall }, delay && { delay });
  }
  if (benchmark.allocationArgv) {
    const { bytes } = await runSample(benchmark, variant, { ...options, countsAllocation: true });
    if (bytes !== undefined) found.bytes = bytes;
  }
  return found;
}
