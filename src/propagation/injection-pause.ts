/** How long injection is paused after a failure that our headers may have caused, in milliseconds. */
const PAUSE = 10 * 60 * 1000;

/**
 * Injection can be paused for at most this many topics at the same time. For one more topic, the oldest pause ends
 * early.
 */
const MAX_TOPICS = 1000;

/** How many topics a warning names. */
const MAX_NAMED = 5;

/** The broker's error for a batch that is too large, possibly because of our headers. */
const TOO_LARGE = 'MESSAGE_TOO_LARGE';

/** Errors of a broker or topic whose message format is older than Kafka 0.11 and has no headers. */
const NO_HEADERS = new Set(['UNKNOWN', 'UNSUPPORTED_FOR_MESSAGE_FORMAT']);

export interface Pause {
  readonly until: number;
  /** Calls with more bytes than this get no headers. 0 means that no call gets headers. */
  readonly size: number;
}

/**
 * Topics for which injection is paused. A message without our headers is better than a message that cannot be sent.
 */
export class InjectionPauses {
  /** Public, so that a send can check cheaply whether injection is paused for any topic. */
  readonly byTopic = new Map<string, Pause>();

  constructor(private readonly now: () => number = Date.now) {}

  /**
   * True if a call may carry trace headers for a topic.
   *
   * @param size - the bytes of all messages of the call, including our headers
   */
  allows(topic: string, size: () => number): boolean {
    const pause = this.#pauseOf(topic);
    return pause === undefined || (pause.size > 0 && size() <= pause.size);
  }

  /**
   * Pauses the injection of headers into topics, after a failure that our headers may have caused. If the call was too
   * large, a later call gets headers only if its size with our headers is at most the size of the failed call without
   * them. After other failures, no call gets headers. A further failure can only lower the limit.
   *
   * @param topics - the topics whose messages carried our headers
   * @param size - the bytes of all messages of the call without our headers
   * @returns a warning to log, if a pause was started or its limit was lowered
   */
  onFailure(errorType: string, topics: readonly string[], size: () => number): string | undefined {
    const isTooLarge = errorType === TOO_LARGE;
    if (topics.length === 0 || (!isTooLarge && !NO_HEADERS.has(errorType))) return undefined;
    const limit = isTooLarge ? size() : 0;
    const paused = topics.filter(topic => this.#pause(topic, limit));
    if (paused.length === 0) return undefined;
    const named = paused.slice(0, MAX_NAMED).map(topic => `"${topic}"`);
    const more = paused.length > MAX_NAMED ? ` and ${String(paused.length - MAX_NAMED)} more` : '';
    const [label, these] = paused.length === 1 ? ['topic', 'this topic'] : ['topics', 'these topics'];
    return (
      `A send to ${label} ${named.join(', ')}${more} failed with ${errorType}. The added trace headers may be the cause. ` +
      `For 10 minutes no headers are added ${isTooLarge ? 'to sends of this size or larger' : `for ${these}`}, so their ` +
      'traces are not connected. The error went to the program unchanged. To never add trace headers, set the option ' +
      `propagation to "extract" for ${these}.`
    );
  }

  #pause(topic: string, size: number): boolean {
    const current = this.#pauseOf(topic);
    if (current && current.size <= size) return false;
    // Delete the entry first, so that the map stays in order of age and its first entry is the oldest.
    this.byTopic.delete(topic);
    const [oldest] = this.byTopic.keys();
    if (oldest !== undefined && this.byTopic.size >= MAX_TOPICS) this.byTopic.delete(oldest);
    this.byTopic.set(topic, { until: this.now() + PAUSE, size });
    return true;
  }

  #pauseOf(topic: string): Pause | undefined {
    const pause = this.byTopic.get(topic);
    if (pause === undefined || this.now() < pause.until) return pause;
    this.byTopic.delete(topic);
    return undefined;
  }
}
