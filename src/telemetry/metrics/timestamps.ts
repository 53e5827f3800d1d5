/** A record as far as its age goes: milliseconds of the epoch in a string, "-1" where the broker knows none. */
export interface Stamped {
  readonly timestamp?: unknown;
}

/** When a record was written, in milliseconds; `undefined` where that is not known. */
export function timestampOf(message: Stamped | undefined): number | undefined {
  const timestamp = Number(message?.timestamp ?? NaN);
  return timestamp >= 0 ? timestamp : undefined;
}

/** Whether a timestamp tells of a time. Reading it would cost as much as all else that is noted of a message. */
export const isDated = (timestamp: unknown): boolean =>
  typeof timestamp === 'string' ? !timestamp.startsWith('-') : timestampOf({ timestamp }) !== undefined;

/** The oldest timestamp of a batch. Strings of equal length compare as numbers do, and far cheaper. */
export function oldestTimestamp(messages: readonly Stamped[]): number | undefined {
  let oldest: Stamped | undefined;
  for (const message of messages) {
    const { timestamp } = message;
    if (typeof timestamp !== 'string' || timestamp.startsWith('-')) continue;
    if (!oldest || isOlder(timestamp, oldest.timestamp as string)) oldest = message;
  }
  return timestampOf(oldest);
}

const isOlder = (one: string, other: string): boolean =>
  one.length === other.length ? one < other : one.length < other.length;
