import type { ReceivedPoint } from '../otlp/decode';

interface Reading {
  readonly total: number;
  /** Unix time in seconds. */
  readonly at: number;
}

/** Converts counters that only grow into rates per second. */
export class Rates {
  private readonly last = new Map<string, Reading>();

  /** Returns the growth per second since the previous export, summed over all points. Undefined for the first export. */
  of(series: string, points: readonly ReceivedPoint[]): number | undefined {
    const total = points.reduce((sum, { value }) => sum + value, 0);
    const at = Number(points.reduce((latest, { time }) => (time > latest ? time : latest), 0n)) / 1e9;
    const before = this.last.get(series);
    this.last.set(series, { total, at });
    if (before === undefined || at <= before.at) return undefined;
    // After a restart, a process counts from 0 again.
    const grown = total < before.total ? total : total - before.total;
    return grown / (at - before.at);
  }
}
