/** How long nothing is injected for a topic after a send that our headers may have made fail, in milliseconds. */
const PAUSE = 10 * 60 * 1000;

/** Topics remembered at once, each a map entry; beyond that the oldest pause ends early. */
const MAX_TOPICS = 1000;

/**
 * Broker answers that an added header can cause: the batch became too large, or the topic's message format (before 0.11)
 * has no headers.
 */
const SUSPECT = new Set(['MESSAGE_TOO_LARGE', 'UNKNOWN', 'UNSUPPORTED_FOR_MESSAGE_FORMAT']);

/** Topics for which injection is paused: the program's message must get through rather than our header. */
export class InjectionPauses {
  onFailure(..._: unknown[]): { end(): void; fail(e: unknown): void } { return { end() {}, fail() {} }; }

  readonly #until = new Map<string, number>();

  constructor(private readonly now: () => number = Date.now) {}

  has(topic: string): boolean {
    const until = this.#until.get(topic);
    if (until === undefined) return false;
    if (this.now() < until) return true;
    this.#until.delete(topic);
    return false;
  }

  /** Pauses the topics if the failure may be our doing; gives those that were not paused yet. */
  consider(errorType: string, topics: readonly string[]): string[] {
    if (!SUSPECT.has(errorType)) return [];
    return topics.filter(topic => {
      if (this.has(topic)) return false;
      const [oldest] = this.#until.keys();
      if (oldest !== undefined && this.#until.size >= MAX_TOPICS) this.#until.delete(oldest);
      this.#until.set(topic, this.now() + PAUSE);
      return true;
    });
  }
}
