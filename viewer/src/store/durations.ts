import type { ConsumerGroup } from '../page-data';
import { percentilesOf, type Percentiles } from './percentiles';
import { trim } from './trim';

/** How many durations of spans are kept per second. Enough for the percentiles of a busy second. */
const MAX_DURATIONS = 500;
const SECONDS_KEPT = 300;
/** Percentiles are about this time. */
const WINDOW_SECONDS = 60;

interface Spans {
  count: number;
  /** In milliseconds. */
  readonly durations: number[];
}

interface Histogram {
  /** Upper limits of the buckets, in seconds. The last bucket has none. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/**
 * How long a consumer group processes its messages. Spans have exact durations, but sampling and filters leave spans out. The histogram
 * counts every run of a handler, but only in buckets.
 */
export class Durations {
  private readonly spans = new Map<number, Spans>();
  private readonly histograms = new Map<number, Histogram>();

  addSpan(second: number, ms: number): void {
    const spans = this.spans.get(second) ?? { count: 0, durations: [] };
    this.spans.set(second, spans);
    spans.count += 1;
    if (spans.durations.length < MAX_DURATIONS) spans.durations.push(ms);
    trim(this.spans, SECONDS_KEPT);
  }

  /** Adds the growth of the histogram of one member. */
  addHistogram(second: number, bounds: readonly number[], counts: readonly number[]): void {
    const known = this.histograms.get(second);
    this.histograms.set(second, known ? merged(known, { bounds, counts }) : { bounds, counts });
    trim(this.histograms, SECONDS_KEPT);
  }

  /** The percentiles of one second, for the charts. */
  at(second: number): Percentiles | undefined {
    if (isSampled(latest(this.histograms, second), countOf(latest(this.spans, second)))) {
      const histogram = this.histograms.get(second);
      return histogram && estimate(histogram);
    }
    const spans = this.spans.get(second);
    return spans && percentilesOf(spans.durations);
  }

  /** The percentiles of the last minute. Undefined if nothing was processed. */
  lately(now: number): ConsumerGroup['processing'] {
    const spans = latest(this.spans, now);
    const histograms = latest(this.histograms, now);
    const count = countOf(spans);
    if (!isSampled(histograms, count)) {
      if (count === 0) return undefined;
      return { ...percentilesOf(spans.flatMap(({ durations }) => durations)), count, source: 'spans' };
    }
    const histogram = histograms.reduce(merged);
    return { ...estimate(histogram), count: sum(histogram.counts), source: 'metrics' };
  }
}

const countOf = (spans: readonly Spans[]): number => sum(spans.map(({ count }) => count));

/**
 * True if fewer than half of the processed messages have spans. The limit is not higher, because spans and metrics of a
 * message arrive at different times.
 */
const isSampled = (histograms: readonly Histogram[], spans: number): boolean =>
  sum(histograms.flatMap(({ counts }) => counts)) > 2 * spans;

function latest<Item>(bySecond: ReadonlyMap<number, Item>, now: number): Item[] {
  const first = Math.floor(now) - WINDOW_SECONDS + 1;
  return Array.from({ length: WINDOW_SECONDS }, (_, index) => bySecond.get(first + index)).filter(
    item => item !== undefined,
  );
}

/** Adds histograms. If a member has other buckets, the first one counts. */
function merged(one: Histogram, other: Histogram): Histogram {
  if (one.bounds.join() !== other.bounds.join()) return one;
  return {
    bounds: one.bounds,
    counts: one.counts.map((count, index) => count + (other.counts[index] ?? 0)),
  };
}

/** Estimates percentiles: assumes that the values of a bucket are spread evenly over it. */
function estimate({ bounds, counts }: Histogram): Percentiles {
  const total = sum(counts);
  const at = (share: number): number => {
    let before = 0;
    for (const [index, count] of counts.entries()) {
      const [from, to] = [bounds[index - 1] ?? 0, bounds[index] ?? bounds.at(-1) ?? 0];
      if (count > 0 && before + count >= share * total)
        return 1000 * (from + ((to - from) * (share * total - before)) / count);
      before += count;
    }
    return 0;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
