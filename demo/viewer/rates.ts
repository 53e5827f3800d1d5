import type { ReceivedPoint } from '../../test/support/otlp';

interface Reading {
  readonly total: number;
  /** Unix time in seconds. */
  readonly at: number;
}

/** Counters count from the start of a process; what a chart shows is how fast they grow. */
export class Rates {
  private readonly last = new Map<string, Reading>();

  /** Growth per second since the export before, over all points of a counter; undefined at the first one. */
  of(series: string, points: readonly ReceivedPoint[]): number | undefined {
    const total = points.reduce((sum, { value }) => sum + value, 0);
    const at = Number(points.reduce((latest, { time }) => (time > latest ? time : latest), 0n)) / 1e9;
    const before = this.last.get(series);
    this.last.set(series, { total, at });
    if (before === undefined || at <= before.at) return undefined;
    // A process that was started anew counts from 0 again.
    const grown = total < before.total ? total : total - before.total;
    return grown / (at - before.at);
  }
}
