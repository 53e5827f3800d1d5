import { trim } from './trim';

/** Stores an amount for each second, for the charts and the rates. */
export class Seconds {
  private readonly bySecond = new Map<number, number>();

  constructor(private readonly kept: number) {}

  /**
   * Distributes an amount evenly over a time range, given in seconds of Unix time. The amounts of the seconds add up to
   * the whole amount.
   *
   * @returns the changed seconds
   */
  spread(amount: number, from: number, to: number): readonly number[] {
    // A range that ends exactly at a full second does not include that second.
    const last = to > from && Number.isInteger(to) ? to - 1 : Math.floor(to);
    const start = Math.max(from, last + 1 - this.kept);
    const length = to - start;
    const changed: number[] = [];
    for (let second = Math.floor(start); second <= last; second++) {
      const share = length > 0 ? (Math.min(to, second + 1) - Math.max(start, second)) / length : 1;
      this.bySecond.set(second, (this.bySecond.get(second) ?? 0) + amount * share);
      changed.push(second);
    }
    if (this.bySecond.size > 2 * this.kept)
      for (const second of this.bySecond.keys()) if (second <= last - this.kept) this.bySecond.delete(second);
    return changed;
  }

  at(second: number): number | undefined {
    return this.bySecond.get(second);
  }

  /** Adds up the full seconds from `from` until just before `to`. */
  sum(from: number, to: number): number {
    let sum = 0;
    for (const [second, amount] of this.bySecond) if (second >= from && second < to) sum += amount;
    return sum;
  }
}

/** Computes how much counters have grown. Supports delta and cumulative temporality, and counters that restart at 0. */
export class Growth {
  private readonly last = new Map<string, { value: number; at: number; start: number }>();

  /**
   * @param since - start of the viewer. Earlier counts are ignored
   * @returns the growth, and the time range in which it happened. All times are in seconds of Unix time
   */
  of(
    series: string,
    point: { readonly value: number; readonly at: number; readonly start: number },
    isDelta: boolean,
    since: number,
  ): { readonly amount: number; readonly from: number } | undefined {
    const { value, at, start } = point;
    const before = this.last.get(series);
    this.last.delete(series);
    this.last.set(series, { value, at, start });
    trim(this.last, MAX_SERIES);
    if (isDelta) return { amount: value, from: start > 0 ? Math.min(start, at) : (before?.at ?? at) };
    if (before === undefined) return start >= since ? { amount: value, from: start } : undefined;
    // After a restart, a process counts from 0 again. A restart also changes the start time of the counter to a later
    // time. Compare the start times too, because the first point of a new series can be some milliseconds older than
    // its start.
    const isRestart = value < before.value || (start > before.at && start !== before.start);
    if (isRestart) return { amount: value, from: Math.max(before.at, start) };
    return { amount: value - before.value, from: before.at };
  }
}

const MAX_SERIES = 20_000;
