/** Returns three to six round positions for the time axis, in milliseconds since the start of the trace. */
export function ticksOf(ms) {
  if (!(ms > 0)) return [0];
  const power = 10 ** Math.floor(Math.log10(ms));
  const step = [0.2, 0.25, 0.5, 1, 2].map(part => part * power).find(wide => ms / wide <= 5) ?? 2 * power;
  return Array.from({ length: Math.floor(ms / step) + 1 }, (_, index) => index * step);
}

export function tickLabel(ms) {
  if (ms === 0) return '0';
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`;
}
