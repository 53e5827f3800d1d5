import { cut } from './text';

/** The longest key that is recorded, in characters; a longer one is cut. */
const MAX_KEY = 256;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

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
  if (typeof key === 'string') return cut(key, MAX_KEY);
  if (!Buffer.isBuffer(key)) return undefined;
  const start = key.length > MAX_KEY * 4 ? head(key) : key;
  const text = start.toString('utf8');
  // What cannot be decoded becomes this character, which a text may also hold by itself. Strict decoding tells, at three
  // times the cost.
  if (!text.includes('\uFFFD')) return cut(text, MAX_KEY);
  try {
    return cut(utf8.decode(start), MAX_KEY);
  } catch {
    return undefined;
  }
}

/** As many bytes as are needed, without half a character: that would look like binary data. */
function head(key: Buffer): Buffer {
  const isContinuation = (index: number) => ((key[index] ?? 0) & 0xc0) === 0x80;
  let end = MAX_KEY * 4;
  for (let back = 0; back < 3 && isContinuation(end); back++) end--;
  return key.subarray(0, end);
}

/** An offset as a number, where one can hold it: kafkajs gives 64-bit integers as text. */
export function offsetNumber(offset: unknown): number | undefined {
  const number = Number(offset);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** The partition, where every message names the same one. */
export function namedPartition(messages: readonly unknown[]): number | undefined {
  const partition = (messages[0] as { partition?: unknown } | null | undefined)?.partition;
  if (typeof partition !== 'number') return undefined;
  return messages.every(message => (message as { partition?: unknown } | null)?.partition === partition)
    ? partition
    : undefined;
}
