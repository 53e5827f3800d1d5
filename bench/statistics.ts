import { binomialDistribution, medianSorted } from 'simple-statistics';

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
export function estimate(values: readonly number[]): Estimate | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  const rank = outerRank(sorted.length);
  const low = sorted[rank];
  const high = sorted[sorted.length - 1 - rank];
  if (low === undefined || high === undefined) return undefined;
  return { median: medianSorted(sorted), low, high };
}

/** How many values may be left out at either end. */
function outerRank(count: number): number {
  if (count === 0) return 0;
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
