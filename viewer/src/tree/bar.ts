/** Times in nanoseconds. */
export interface Period {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * Draws the period `span` within the period `whole`, with a precision of half a column. A very short span still fills
 * half a column.
 */
export function timeBar(span: Period, whole: Period, width: number): string {
  const halves = width * 2;
  const total = Math.max(1, Number(whole.end - whole.start));
  const at = (time: bigint) => Math.round((Number(time - whole.start) / total) * halves);
  const from = Math.min(Math.max(0, at(span.start)), halves - 1);
  const to = Math.min(Math.max(from + 1, at(span.end)), halves);
  const filled = (half: number) => half >= from && half < to;
  return Array.from({ length: width }, (_, column) => {
    const [left, right] = [filled(column * 2), filled(column * 2 + 1)];
    if (left) return right ? '━' : '╸';
    return right ? '╺' : ' ';
  }).join('');
}

/** Formats a duration: `0.4 ms`, `12.3 ms`, `1.24 s`. */
export function duration({ start, end }: Period): string {
  const ms = Number(end - start) / 1e6;
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
