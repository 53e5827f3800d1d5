/** A median and its 95 % confidence interval. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const CONFIDENCE = 0.95;

/**
 * Estimates the median of measured values. The interval uses the binomial distribution of ranks, so it is valid for any
 * distribution of the values. With fewer than six values, the interval is the full range and covers less than 95 %.
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

/** Returns how many values at each end are outside the confidence interval. */
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
