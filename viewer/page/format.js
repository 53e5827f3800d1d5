/** Formats a duration: `0.4 ms`, `12.3 ms`, `1.24 s`. */
export const duration = ms => (ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`);

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** Formats the time of day: `14:03:59`. */
export const clock = ms => CLOCK.format(ms);

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const whole = value => WHOLE.format(value);
/** Formats seconds. Values below 100 s have one decimal. */
export const seconds = value => `${value < 100 ? TENTHS.format(value) : WHOLE.format(value)} s`;
export const perSecond = value =>
  `${value > 0 && value < 10 ? TENTHS.format(value) : WHOLE.format(value)} /s`;

export const counted = (count, what) => `${whole(count)} ${what}${count === 1 ? '' : 's'}`;

/** Shortens a trace id to its first characters, which are enough to distinguish traces. */
export const shortId = id => id.slice(0, 8);
