import { pairShortly } from './observe';

/** The median over a few pairs. Both variants of a pair run in turns, so other load affects them equally. */
const PAIRS = 3;

/**
 * Limits for the CPU time of this instrumentation divided by that of the official one, far above the ratios in the bench, so that only
 * large regressions fail. Only a `send` of one message costs more, for the additional attributes of its span.
 */
test.each<[path: string, mode: string, limit: number]>([
  ['send 1', 'metrics', 1.5],
  ['send 100', 'metrics', 0.4],
  ['eachMessage', 'metrics', 1],
  ['eachBatch 100 distinct', 'metrics', 0.6],
  ['eachBatch 1000 distinct', 'metrics', 0.2],
])(
  '%s stays within its CPU time limit relative to the official instrumentation, mode %s',
  async (path, mode, limit) => {
    const ratios: number[] = [];
    // Stop early once most ratios are below the limit: the median is then below it too.
    while (ratios.length < PAIRS && ratios.filter(ratio => ratio <= limit).length <= PAIRS / 2) {
      const { official, ours } = await pairShortly(path, mode);
      ratios.push((ours?.cpu ?? NaN) / (official?.cpu ?? NaN));
    }
    expect(ratios.sort((one, other) => one - other)[ratios.length >> 1]).toBeLessThanOrEqual(limit);
  },
);
