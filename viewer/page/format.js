/** Formats a duration: `0.4 ms`, `12.3 ms`, `1.24 s`, `3.5 min`. */
export const duration = ms =>
  ms < 1000
    ? `${ms.toFixed(1)} ms`
    : ms < 120_000
      ? `${(ms / 1000).toFixed(2)} s`
      : `${(ms / 60_000).toFixed(1)} min`;

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

export const clock = ms => CLOCK.format(ms);

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const whole = value => WHOLE.format(value);
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** Formats a number for a narrow space: `9,120`, `14K`, `2.5M`. */
export const compact = value => (value < 10_000 ? WHOLE : COMPACT).format(value);
const tenthsBelowTen = value => (value > 0 && value < 9.95 ? TENTHS : WHOLE).format(value);

/** Formats an age in seconds: `0 s`, `2.4 s`, `42 s`, `110 s`, `23 min`, `5.0 h`. */
export function seconds(value) {
  if (value >= 7_200) return `${TENTHS.format(value / 3_600)} h`;
  if (value >= 120) return `${WHOLE.format(value / 60)} min`;
  return `${tenthsBelowTen(value)} s`;
}
/** Formats a rate: `0 /s`, `<0.1 /s`, `0.3 /s`, `36 /s`. */
export function perSecond(value) {
  if (value > 0 && value < 0.05) return '<0.1 /s';
  return `${tenthsBelowTen(value)} /s`;
}

export const counted = (count, what) => `${whole(count)} ${what}${count === 1 ? '' : 's'}`;

/** Shortens a trace id to its first characters, which are enough to distinguish traces. */
export const shortId = id => id.slice(0, 8);
