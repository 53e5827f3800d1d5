import { pairShortly } from './observe';

/**
 * In a pair, both variants take turns, so other programs slow them equally. In some of these short runs, V8 compiles
 * late and the ratio doubles. No run is faster than its code allows, so two good pairs are enough.
 */
const PAIRS = 8;
const NEEDED = 2;

/**
 * Limits for the CPU time of this package divided by that of the official instrumentation. They are far above the
 * ratios of the benchmarks, so only large regressions fail. Only a `send` of one message costs more here, because its
 * span has more attributes.
 */
test.each<[path: string, mode: string, limit: number]>([
  ['send 1', 'metrics', 1.5],
  ['send 100', 'metrics', 0.4],
  ['eachMessage', 'metrics', 1],
  ['eachBatch 1000 distinct', 'metrics', 0.2],
])(
  '%s stays within its CPU time limit relative to the official instrumentation, mode %s',
  async (path, mode, limit) => {
    const ratios: number[] = [];
    while (ratios.length < PAIRS && ratios.filter(ratio => ratio <= limit).length < NEEDED) {
      const { official, ours } = await pairShortly(path, mode);
      ratios.push((ours?.cpu ?? NaN) / (official?.cpu ?? NaN));
    }
    expect(ratios.sort((one, other) => one - other)[NEEDED - 1]).toBeLessThanOrEqual(limit);
  },
);
