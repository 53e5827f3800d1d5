import type { BenchmarkResult, Results } from '../results';

/**
 * Reference times in µs, measured earlier with SDK 2.12.1 and Node.js 20.20.2: single SDK operations, and two
 * hand-written instrumentations.
 */
const REFERENCE = {
  operations: { span: 1.54, inject: 0.11, extract: 0.39 },
  floors: [
    { benchmark: 'in-process/send 1/sampled', name: 'produce, sampled', micros: 2.33, copies: 1 },
    { benchmark: 'in-process/send 1/off', name: 'produce, dropped by the sampler', micros: 0.98, copies: 1 },
    { benchmark: 'in-process/eachMessage/sampled', name: 'process, sampled', micros: 3.43, copies: 0 },
    {
      benchmark: 'in-process/eachMessage/unsampled',
      name: 'process, parent not sampled',
      micros: 1.74,
      copies: 0,
    },
  ],
} as const;

/** Largest accepted relative difference from the reference times. */
const TOLERANCE = 0.3;

export interface Comparison {
  readonly name: string;
  /**
   * The reference time, corrected for the speed of this machine. The cost of copying messages is added, because `floor`
   * makes copies and the reference code made none.
   */
  readonly expected: number;
  /** The CPU time of `floor`, without the cost of the kafkajs stubs and of the loop around them. */
  readonly measured: number;
  readonly agrees: boolean;
}

/**
 * Compares the hand-written instrumentation (`floor`) with an earlier measurement. If `floor` became slower, this
 * package would look too good beside it. Processes that measure `floor` also time single SDK operations, to correct for
 * the speed of the machine.
 */
export function compareFloors({ benchmarks, copy }: Results): Comparison[] {
  const find = (name: string) => benchmarks.find(benchmark => benchmark.name === name);
  return REFERENCE.floors.flatMap(({ benchmark: name, copies, ...floor }) => {
    const benchmark = find(name);
    const speed = benchmark && speedOf(benchmark);
    const cpu = benchmark?.variants.floor?.['cpu']?.median;
    if (speed === undefined || cpu === undefined) return [];
    const bare = find(`in-process/${benchmark?.path ?? ''}/sampled`)?.variants.bare?.['cpu']?.median ?? 0;
    const expected = floor.micros * speed + copies * copy;
    const measured = cpu - bare;
    return [{ name: floor.name, expected, measured, agrees: Math.abs(measured / expected - 1) <= TOLERANCE }];
  });
}

/**
 * Returns how many times slower this machine is than the reference machine. Compares the time to extract a trace
 * context and, if the mode records spans, the time to start a span.
 */
function speedOf(benchmark: BenchmarkResult): number | undefined {
  const figures = benchmark.variants.floor;
  const isRecorded = benchmark.mode === 'sampled' || benchmark.mode === 'metrics';
  const operations = isRecorded ? (['span', 'extract'] as const) : (['extract'] as const);
  let [now, then] = [0, 0];
  for (const operation of operations) {
    const median = figures?.[operation]?.median;
    if (median === undefined) return undefined;
    now += median;
    then += REFERENCE.operations[operation];
  }
  return now / then;
}
