import { sampleShortly } from './observe';

/** Pairs of samples, one right after the other, so that whatever else the machine does meets both. */
const PAIRS = 3;

/**
 * CPU time of ours as a multiple of the official instrumentation's; the median of a few pairs. The bounds are far from what the
 * bench measures: what fails here has become dearer by an order, not by a noisy neighbour.
 */
test.each<[path: string, mode: string, limit: number]>([
  ['send 1', 'metrics', 1.5],
  ['send 100', 'metrics', 0.6],
  ['eachMessage', 'metrics', 1],
])('%s costs less than with the official instrumentation, mode %s', async (path, mode, limit) => {
  const ratios: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const official = await sampleShortly(path, mode, 'official');
    const ours = await sampleShortly(path, mode, 'ours');
    ratios.push((ours.cpu ?? NaN) / (official.cpu ?? NaN));
  }
  const median = ratios.sort((one, other) => one - other)[PAIRS >> 1];
  expect(median).toBeLessThanOrEqual(limit);
});
