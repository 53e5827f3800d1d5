import { headerRecord, ownHeaders } from './copies';

/** How long a failure that our headers may have caused is remembered, in milliseconds. */
const PAUSE = 10 * 60 * 1000;

/** Topics remembered at once, each a map entry; beyond that the oldest pause ends early. */
const MAX_TOPICS = 1000;

/** The broker's answer to a batch that is too large: with our headers, or without them as well. */
export const TOO_LARGE = 'MESSAGE_TOO_LARGE';

/** What a broker, or a topic, with a message format from before 0.11 answers to any header. */
const NO_HEADERS = new Set(['UNKNOWN', 'UNSUPPORTED_FOR_MESSAGE_FORMAT']);

interface Pause {
  readonly until: number;
  /** The size of a call, in bytes, above which no headers are added; 0 for any call. */
  readonly size: number;
}

/** Topics for which injection is paused: the program's message must get through rather than our header. */
export class InjectionPauses {
  readonly #pauses = new Map<string, Pause>();

  constructor(private readonly now: () => number = Date.now) {}

  get isEmpty(): boolean {
    return this.#pauses.size === 0;
  }

  /**
   * Whether a call may carry headers for a topic.
   *
   * @param size - gives the size of all the call's messages with our headers, in bytes
   */
  allows(topic: string, size: () => number): boolean {
    const pause = this.#current(topic);
    return pause === undefined || (pause.size > 0 && size() <= pause.size);
  }

  /**
   * Pauses the topics if the failure may be our doing; gives those that are paused for more calls than before.
   *
   * The broker does not say which topic it was, nor whether the call was too large without our headers as well. So a call that
   * stays within the size of the failed one keeps its headers: each failure of ours lowers that size to what fits.
   *
   * @param topics - those whose messages carried our headers
   * @param size - gives the size of all the call's messages without our headers, in bytes
   */
  consider(errorType: string, topics: readonly string[], size: () => number): string[] {
    if (NO_HEADERS.has(errorType)) return topics.filter(topic => this.#pause(topic, 0));
    if (errorType !== TOO_LARGE || topics.length === 0) return [];
    const failed = size();
    return topics.filter(topic => this.#pause(topic, failed));
  }

  #pause(topic: string, size: number): boolean {
    const current = this.#current(topic);
    if (current && current.size <= size) return false;
    // Deleted first, for the oldest pause to stay the first of the map.
    this.#pauses.delete(topic);
    const [oldest] = this.#pauses.keys();
    if (oldest !== undefined && this.#pauses.size >= MAX_TOPICS) this.#pauses.delete(oldest);
    this.#pauses.set(topic, { until: this.now() + PAUSE, size });
    return true;
  }

  #current(topic: string): Pause | undefined {
    const pause = this.#pauses.get(topic);
    if (pause === undefined || this.now() < pause.until) return pause;
    this.#pauses.delete(topic);
    return undefined;
  }
}

/** What a record and a header of it cost beside their texts: lengths, deltas and counts, as variable-length integers. */
const RECORD_BYTES = 16;
const HEADER_BYTES = 4;

/** The size of messages in a batch before compression, in bytes, within a few bytes per message. */
export function sizeOf(messages: readonly unknown[]): number {
  let size = 0;
  for (const message of messages) {
    const { key, value } = message as { key?: unknown; value?: unknown };
    size += RECORD_BYTES + bytesOf(key) + bytesOf(value);
    const headers = headerRecord(ownHeaders(message as object)) ?? {};
    for (const name of Object.keys(headers)) {
      const values: unknown[] = [headers[name]].flat();
      for (const each of values) size += HEADER_BYTES + bytesOf(name) + bytesOf(each);
    }
  }
  return size;
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return ArrayBuffer.isView(value) ? value.byteLength : 0;
}
