/** A median, and the interval that holds the true one in at least 95 of 100 runs. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const CONFIDENCE = 0.95;

/**
 * By order statistics: the ranks between which the median of a population lies follow from coin tosses alone, whatever the
 * shape of the noise. With fewer than six values even the extremes promise less than 95 %, and are given all the same.
 */
export async function estimate(values: readonly number[]): Promise<Estimate | undefined> {
  const { medianSorted } = await import('simple-statistics');
  const sorted = [...values].sort((one, other) => one - other);
  const rank = await outerRank(sorted.length);
  const low = sorted[rank];
  const high = sorted[sorted.length - 1 - rank];
  if (low === undefined || high === undefined) return undefined;
  return { median: medianSorted(sorted), low, high };
}

/** How many values may be left out at either end. */
async function outerRank(count: number): Promise<number> {
  if (count === 0) return 0;
  const { binomialDistribution } = await import('simple-statistics');
  const chances = binomialDistribution(count, 0.5) ?? [];
  let below = 0;
  let rank = 0;
  for (const chance of chances) {
    below += chance;
    if (below > (1 - CONFIDENCE) / 2) break;
    rank++;
  }
  return Math.max(0, rank - 1);
}
