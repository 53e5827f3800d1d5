/** The longest key that is recorded, in characters; a longer one is cut. */
const MAX_KEY = 256;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What a message itself tells about a span of it: key and tombstone. */
export interface MessageFacts {
  readonly key: string | undefined;
  readonly tombstone: boolean;
}

export function messageFacts(message: unknown, captureKey: boolean): MessageFacts {
  if (typeof message !== 'object' || message === null) return { key: undefined, tombstone: false };
  const { key, value } = message as { key?: unknown; value?: unknown };
  return { key: captureKey ? keyText(key) : undefined, tombstone: value === null };
}

/** A key as text, or nothing where it has no textual form: binary keys are left out, never garbled. */
export function keyText(key: unknown): string | undefined {
  if (typeof key === 'string') return key.slice(0, MAX_KEY);
  if (!Buffer.isBuffer(key)) return undefined;
  try {
    // At most four bytes make one character, and a cut in the middle of one must not look like binary data.
    if (key.length > MAX_KEY * 4)
      return utf8.decode(key.subarray(0, MAX_KEY * 4), { stream: true }).slice(0, MAX_KEY);
    return utf8.decode(key).slice(0, MAX_KEY);
  } catch {
    return undefined;
  }
}

/** The partition, where every message names the same one. */
export function namedPartition(messages: readonly unknown[]): number | undefined {
  const partition = (messages[0] as { partition?: unknown } | null | undefined)?.partition;
  if (typeof partition !== 'number') return undefined;
  return messages.every(message => (message as { partition?: unknown } | null)?.partition === partition)
    ? partition
    : undefined;
}
