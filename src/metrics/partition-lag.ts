export interface RecordReader {
  offset(message: unknown): number | undefined;
  /** Milliseconds since the epoch. */
  timestamp(message: unknown): number | undefined;
}

export interface Fetch {
  /** The offset after the last message of the partition. */
  readonly highWatermark: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** Number of messages for the handler. Control records are not counted. */
  readonly count: number;
}

export type PausedPartitions = readonly { readonly topic: string; readonly partitions: readonly number[] }[];

/** The progress of a consumer on one partition. */
interface Progress {
  highWatermark: number | undefined;
  /** The next offset to process. */
  next: number | undefined;
  /** Messages of the current batch that are not processed yet. */
  unprocessed: number;
  handling: readonly unknown[];
  /** Timestamp of the oldest message in `handling`. `undefined` if not determined yet. */
  oldest: number | undefined;
  /** Timestamp of the oldest message that the handler did not process. Set when the handler ends. */
  waiting: number | undefined;
  /** Timestamp of the last processed message of the current batch. */
  last: number | undefined;
  /** True after a seek until the next fetch. Messages of the old batch no longer change the position. */
  isSought: boolean;
  isLost: boolean;
  isLossRead: boolean;
  /** True for a lost partition that was assigned again and not fetched since. */
  isRegained: boolean;
}

/** One partition's values for a metric collection. */
export interface PartitionReading {
  readonly topic: string;
  readonly partition: number;
  readonly recordsLag: number | undefined;
  /** In seconds. `undefined` if not known. */
  readonly timeLag: number | undefined;
  /** True if the consumer no longer has the partition. The lag is then reported as 0 once. */
  readonly isLost: boolean;
}

/** The lag of one consumer on each of its partitions. Computed from the client's own fetches, without extra requests. */
export class PartitionLags {
  readonly #topics = new Map<string, Map<number, Progress>>();
  #assigned = 0;
  #isMember = false;
  /** Caches the last lookup, because consecutive calls nearly always ask for the same partition. */
  #last: { readonly topic: string; readonly partition: number; readonly progress: Progress } | undefined;

  /** @param paused - returns the paused partitions; called only during a metric collection */
  constructor(
    private readonly reader: RecordReader,
    private readonly paused: () => PausedPartitions = () => [],
  ) {}

  get assigned(): number {
    return this.#assigned;
  }

  /** Call after a join. Partitions that are missing in the assignment count as lost. */
  assign(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.#last = undefined;
    this.#isMember = true;
    // A Map and not an object, because a topic may have the name `constructor`.
    const assigned = new Map(Object.entries(assignment));
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, progress] of partitions) {
        const isAssigned = assigned.get(topic)?.includes(partition) ?? false;
        if (!isAssigned) Object.assign(progress, { isLost: true, handling: [] });
        else if (progress.isLost)
          Object.assign(progress, { isLost: false, isLossRead: false, isRegained: true });
      }
    }
    this.#assigned = 0;
    for (const [topic, numbers] of assigned) {
      const partitions = this.#topics.get(topic) ?? new Map<number, Progress>();
      this.#topics.set(topic, partitions);
      for (const partition of numbers) {
        this.#assigned++;
        if (!partitions.has(partition)) partitions.set(partition, unknown());
      }
    }
  }

  leave(): void {
    this.assign({});
    this.#isMember = false;
  }

  fetched(topic: string, partition: number, fetch: Fetch): void {
    const progress = this.#progressOf(topic, partition);
    if (!progress) return;
    // A batch with only control records and aborted messages never reaches a handler, so it counts as processed immediately.
    const next = fetch.count === 0 ? fetch.lastOffset + 1 : fetch.firstOffset;
    // The properties are set one by one, because `Object.assign` would take 0.5 µs, and Confluent's client runs this
    // code for each message.
    progress.highWatermark = offsetOr(fetch.highWatermark, progress.highWatermark);
    progress.next = offsetOr(next, progress.next);
    progress.unprocessed = fetch.count;
    progress.handling = [];
    progress.oldest = undefined;
    progress.waiting = undefined;
    progress.last = undefined;
    progress.isSought = false;
    progress.isLost = false;
    progress.isLossRead = false;
    progress.isRegained = false;
  }

  /** Call it when the client learns the high watermark of a partition without a fetch. */
  reachedWatermark(topic: string, partition: number, highWatermark: number): void {
    const progress = this.#progressOf(topic, partition);
    if (progress) progress.highWatermark = offsetOr(highWatermark, progress.highWatermark);
  }

  /** Call it when a handler starts to process these messages. */
  began(topic: string, partition: number, messages: readonly unknown[]): void {
    const progress = this.#progressOf(topic, partition);
    if (!progress) return;
    progress.handling = messages;
    progress.oldest = undefined;
  }

  /** Stores the oldest timestamp of the handler's messages, so that it is not computed again. */
  dated(topic: string, partition: number, oldest: number | undefined): void {
    const progress = this.#progressOf(topic, partition);
    if (progress) progress.oldest = oldest;
  }

  /** Call it when the handler has returned or failed. Messages that the handler did not process will be delivered again. */
  ended(topic: string, partition: number): void {
    const progress = this.#progressOf(topic, partition);
    if (!progress) return;
    progress.waiting = this.#oldestUnprocessed(progress);
    progress.handling = [];
  }

  /** Call it when `count` more messages are processed. `offset` and `timestamp` are those of the last message. */
  processed(
    topic: string,
    partition: number,
    { count, offset, timestamp }: { count: number; offset: number; timestamp: number | undefined },
  ): void {
    const progress = this.#progressOf(topic, partition);
    if (!progress || progress.isSought) return;
    progress.unprocessed -= count;
    // Confluent's client marks a batch as processed after the handler has returned. `handling` is then already empty.
    if (count > 0 && progress.handling.length === 0) progress.waiting = undefined;
    // The last call of `resolveOffset` sets the position, even to an earlier offset.
    progress.next = offsetOr(offset + 1, progress.next);
    progress.last = timestamp ?? progress.last;
  }

  /**
   * Call when the client has processed a batch to its end, without a pause or seek. Control records and aborted
   * messages at the end of the batch then count as processed.
   */
  completed(topic: string, partition: number, lastOffset: number): void {
    const progress = this.#progressOf(topic, partition);
    if (!progress || progress.isSought || progress.unprocessed > 0) return;
    progress.next = offsetOr(lastOffset + 1, progress.next);
  }

  /**
   * Call when the program seeks. A negative offset means the start or the end of the partition, and the lag is 0 until
   * the next fetch.
   */
  sought(topic: string, partition: number, offset: number): void {
    const progress = this.#progressOf(topic, partition);
    if (!progress || Number.isNaN(offset)) return;
    progress.next = offset < 0 ? progress.highWatermark : offsetOr(offset, progress.next);
    progress.isSought = true;
  }

  /** Returns the values of all partitions. Lost partitions are returned one last time. */
  read(now: number): PartitionReading[] {
    this.#last = undefined;
    const readings: PartitionReading[] = [];
    let paused: PausedPartitions | undefined;
    const isPaused = (topic: string, partition: number) =>
      (paused ??= this.paused()).some(entry => entry.topic === topic && entry.partitions.includes(partition));
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, progress] of partitions) {
        const { isLost, isLossRead, isRegained } = progress;
        // While the partition was lost, another consumer may have processed its records. So its lag is 0 until the next
        // fetch. A paused partition gets no fetch, so its old values are used.
        const isDone = isLost || (isRegained && !isPaused(topic, partition));
        if (!isLossRead) readings.push({ topic, partition, isLost, ...this.#lagOf(progress, now, isDone) });
        // While the consumer is in the group, keep a lost partition. It may be assigned again and still be paused.
        if (isLost && this.#isMember) progress.isLossRead = true;
        else if (isLost) partitions.delete(partition);
      }
      if (partitions.size === 0) this.#topics.delete(topic);
    }
    return readings;
  }

  #progressOf(topic: string, partition: number): Progress | undefined {
    const last = this.#last;
    if (last && last.partition === partition && last.topic === topic) return last.progress;
    const progress = this.#topics.get(topic)?.get(partition);
    if (!progress || progress.isLost) return undefined;
    this.#last = { topic, partition, progress };
    return progress;
  }

  #lagOf(progress: Progress, now: number, isDone: boolean): Pick<PartitionReading, 'recordsLag' | 'timeLag'> {
    const { highWatermark, next, waiting, last } = progress;
    if (highWatermark === undefined || next === undefined)
      return { recordsLag: undefined, timeLag: undefined };
    const recordsLag = isDone ? 0 : Math.max(0, highWatermark - next);
    if (recordsLag === 0) return { recordsLag, timeLag: 0 };
    const since = this.#oldestUnprocessed(progress) ?? waiting ?? last;
    return { recordsLag, timeLag: since === undefined ? undefined : Math.max(0, now - since) / 1000 };
  }

  #oldestUnprocessed({ handling, next = 0, oldest }: Progress): number | undefined {
    const { reader } = this;
    const last = handling.at(-1);
    if (last === undefined || (reader.offset(last) ?? -1) < next) return undefined;
    // No message is processed yet, so the stored `oldest` is still right.
    if ((reader.offset(handling[0]) ?? -1) >= next) return oldest ?? oldestTimestamp(reader, handling);
    return oldestTimestamp(
      reader,
      handling.filter(message => (reader.offset(message) ?? -1) >= next),
    );
  }
}

/** Milliseconds since the epoch. `undefined` if no message has a timestamp. */
export function oldestTimestamp(reader: RecordReader, messages: readonly unknown[]): number | undefined {
  let oldest: number | undefined;
  for (const message of messages) {
    const timestamp = reader.timestamp(message);
    if (timestamp !== undefined && (oldest === undefined || timestamp < oldest)) oldest = timestamp;
  }
  return oldest;
}

function unknown(): Progress {
  return {
    highWatermark: undefined,
    next: undefined,
    unprocessed: 0,
    handling: [],
    oldest: undefined,
    waiting: undefined,
    last: undefined,
    isSought: false,
    isLost: false,
    isLossRead: false,
    isRegained: false,
  };
}

const offsetOr = (offset: number, fallback: number | undefined): number | undefined =>
  Number.isSafeInteger(offset) ? offset : fallback;
