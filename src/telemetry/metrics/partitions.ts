/** Progress on one assigned partition, as of the last fetch. Offsets are the next to process, never the last processed. */
interface Progress {
  highWatermark: number | undefined;
  next: number | undefined;
  /** Messages of the current batch that no handler has processed yet. */
  unprocessed: number;
  /** The timestamp of the record that is being handled; of a batch, of its oldest one. */
  inFlight: number | undefined;
  /** The timestamp of the last record that was processed. */
  last: number | undefined;
  lost: boolean;
}

/** What one partition shows at a collection; `undefined` where it is not known. */
export interface PartitionReading {
  readonly topic: string;
  readonly partition: number;
  readonly recordsLag: number | undefined;
  /** In seconds. */
  readonly timeLag: number | undefined;
  /** The partition is not this consumer's any more: read as 0 once, and then no more. */
  readonly lost: boolean;
}

/**
 * The partitions of one consumer and how far behind it is on each, from what kafkajs fetches anyway: no broker is asked, so
 * it is true as of the last fetch. Timestamps are milliseconds of the epoch.
 */
export class Partitions {
  readonly #topics = new Map<string, Map<number, Progress>>();
  #assigned = 0;

  get assigned(): number {
    return this.#assigned;
  }

  /** The assignment after joining the group; what is not in it is lost. */
  assign(assignment: Readonly<Record<string, readonly number[]>>): void {
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, progress] of partitions) {
        const isOurs = (assignment[topic] ?? []).includes(partition);
        // While it was somebody else's, that one made progress: what is known of it is stale.
        if (isOurs && progress.lost) partitions.delete(partition);
        progress.lost = !isOurs;
      }
    }
    this.#assigned = 0;
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        this.#assigned++;
        this.#progress(topic, partition);
      }
    }
  }

  /** A batch of so many messages was fetched and goes to the handler. */
  fetched(
    topic: string,
    partition: number,
    batch: { highWatermark: number; firstOffset: number; size: number },
  ): void {
    const progress = this.#progress(topic, partition);
    if (Number.isSafeInteger(batch.highWatermark)) progress.highWatermark = batch.highWatermark;
    if (Number.isSafeInteger(batch.firstOffset)) progress.next = batch.firstOffset;
    progress.unprocessed = batch.size;
  }

  /** A handler begins with a record, or with a batch whose oldest record has this timestamp. */
  began(topic: string, partition: number, timestamp: number | undefined): void {
    this.#progress(topic, partition).inFlight = timestamp;
  }

  /** The handler has returned, well or not. */
  ended(topic: string, partition: number): void {
    this.#progress(topic, partition).inFlight = undefined;
  }

  /** So many more messages are processed, the last of them with this offset and timestamp. */
  processed(
    topic: string,
    partition: number,
    count: number,
    offset: number,
    timestamp: number | undefined,
  ): void {
    const progress = this.#progress(topic, partition);
    progress.unprocessed -= count;
    if (Number.isSafeInteger(offset)) progress.next = Math.max(offset + 1, progress.next ?? 0);
    if (timestamp !== undefined) progress.last = timestamp;
  }

  /**
   * kafkajs is done with a batch. It may end with records that no handler sees (transaction markers, aborted ones), which
   * count as processed once all others are; a batch that was left early (pause, seek) is not.
   */
  completed(topic: string, partition: number, lastOffset: number): void {
    const progress = this.#progress(topic, partition);
    if (progress.unprocessed <= 0 && Number.isSafeInteger(lastOffset)) progress.next = lastOffset + 1;
  }

  /** Reads every partition; those that are lost for the last time. */
  read(now: number): PartitionReading[] {
    const readings: PartitionReading[] = [];
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, progress] of partitions) {
        readings.push({ topic, partition, lost: progress.lost, ...lagOf(progress, now) });
        if (progress.lost) partitions.delete(partition);
      }
      if (partitions.size === 0) this.#topics.delete(topic);
    }
    return readings;
  }

  #progress(topic: string, partition: number): Progress {
    let partitions = this.#topics.get(topic);
    if (!partitions) this.#topics.set(topic, (partitions = new Map<number, Progress>()));
    let progress = partitions.get(partition);
    if (!progress) {
      progress = {
        highWatermark: undefined,
        next: undefined,
        unprocessed: 0,
        inFlight: undefined,
        last: undefined,
        lost: false,
      };
      partitions.set(partition, progress);
    }
    return progress;
  }
}

function lagOf({ highWatermark, next, inFlight, last, lost }: Progress, now: number) {
  if (highWatermark === undefined || next === undefined) return { recordsLag: undefined, timeLag: undefined };
  const recordsLag = lost ? 0 : Math.max(0, highWatermark - next);
  const since = inFlight ?? last;
  const timeLag = recordsLag === 0 ? 0 : since === undefined ? undefined : Math.max(0, now - since) / 1000;
  return { recordsLag, timeLag };
}
