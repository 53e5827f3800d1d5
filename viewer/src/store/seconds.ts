import { trim } from './trim';

/** Stores an amount for each second, for the charts and the rates. */
export class Seconds {
  private readonly bySecond = new Map<number, number>();

  constructor(private readonly kept: number) {}

  /**
   * Spreads an amount evenly over a time range (Unix time in seconds), so that the sum of the seconds is the amount.
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

  /** Sum of the amounts in the range of full seconds from `from` to before `to`. */
  sum(from: number, to: number): number {
    let sum = 0;
    for (const [second, amount] of this.bySecond) if (second >= from && second < to) sum += amount;
    return sum;
  }
}

/** Converts the values of counters to growth. Supports delta and cumulative temporality, and counters that restart at 0. */
export class Growth {
  private readonly last = new Map<string, { value: number; at: number; start: number }>();

  /**
   * @param since - the time when the viewer started. Counts from before this time are not growth
   * @returns the growth, and the time range in which it happened. Times are Unix times in seconds
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
    // After a restart, a process counts from 0 again.
    // A later start time also means a restart, but only if it has changed: the start of a new series can be a few
    // milliseconds after its first point.
    const isRestart = value < before.value || (start > before.at && start !== before.start);
    if (isRestart) return { amount: value, from: Math.max(before.at, start) };
    return { amount: value - before.value, from: before.at };
  }
}

const MAX_SERIES = 20_000;
