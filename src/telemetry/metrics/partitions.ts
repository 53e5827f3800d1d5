import { isDated, oldestTimestamp, timestampOf, type Stamped } from './timestamps';

/** A record as far as its place and age go. */
export interface Placed extends Stamped {
  readonly offset: string;
}

/** What kafkajs tells of a batch that it hands to the handler. */
export interface Fetched {
  readonly highWatermark: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** How many of its records a handler gets to see. */
  readonly size: number;
}

/** Progress on one assigned partition, as of the last fetch. Offsets are the next to process, never the last processed. */
interface Progress {
  highWatermark: number | undefined;
  next: number | undefined;
  /** Messages of the current batch that no handler has processed yet. */
  unprocessed: number;
  /** The records that a handler is busy with. */
  handling: readonly Placed[];
  /** The timestamp of the oldest record that a handler has left unprocessed. */
  waiting: number | undefined;
  /** The last record of this batch that was processed, as far as its age goes: what it says is read when somebody asks. */
  last: Stamped['timestamp'];
  /** The program has chosen another offset: what still comes from the batch at hand does not move it. */
  sought: boolean;
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
 * it is true as of the last fetch. Timestamps are milliseconds of the epoch. What kafkajs still tells of a partition that was
 * taken away is ignored.
 */
export class Partitions {
  readonly #topics = new Map<string, Map<number, Progress>>();
  #assigned = 0;
  /** What was asked for last, and nearly always is asked for again. */
  #last: { readonly topic: string; readonly partition: number; readonly progress: Progress } | undefined;

  get assigned(): number {
    return this.#assigned;
  }

  /** The assignment after joining the group; what is not in it is lost. */
  assign(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.#last = undefined;
    // A topic may be called `constructor`, which every object seems to have.
    const ours = new Map(Object.entries(assignment));
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, progress] of partitions) {
        const isOurs = ours.get(topic)?.includes(partition) ?? false;
        // While it was somebody else's, that one made progress: what is known of it is stale. Nobody has read the zero of its
        // loss either, and a cumulative reader would repeat the value before that for as long as no record comes.
        if (isOurs && progress.lost) partitions.set(partition, regained(progress));
        else if (!isOurs) Object.assign(progress, { lost: true, handling: [] });
      }
    }
    this.#assigned = 0;
    for (const [topic, assigned] of ours) {
      const partitions = this.#topics.get(topic) ?? new Map<number, Progress>();
      this.#topics.set(topic, partitions);
      for (const partition of assigned) {
        this.#assigned++;
        if (!partitions.has(partition)) partitions.set(partition, unknown());
      }
    }
  }

  /** A batch was fetched and goes to the handler. */
  fetched(topic: string, partition: number, batch: Fetched): void {
    const progress = this.#of(topic, partition);
    if (!progress) return;
    // Of a batch of transaction markers and aborted records alone nothing reaches a handler: it is processed as it comes.
    const next = batch.size === 0 ? batch.lastOffset + 1 : batch.firstOffset;
    Object.assign(progress, unknown(), {
      highWatermark: known(batch.highWatermark) ?? progress.highWatermark,
      next: known(next) ?? progress.next,
      unprocessed: batch.size,
    });
  }

  /** A handler begins with one record, or with the records of a batch. */
  began(topic: string, partition: number, records: readonly Placed[]): void {
    const progress = this.#of(topic, partition);
    if (progress) progress.handling = records;
  }

  /** The handler has returned, well or not; records it has not processed wait for their redelivery. */
  ended(topic: string, partition: number): void {
    const progress = this.#of(topic, partition);
    if (!progress) return;
    progress.waiting = oldestUnprocessed(progress);
    progress.handling = [];
  }

  /** So many more messages are processed, the last of them with this offset and, where it has one, this timestamp. */
  processed(
    topic: string,
    partition: number,
    count: number,
    offset: number,
    timestamp: Stamped['timestamp'],
  ): void {
    const progress = this.#of(topic, partition);
    if (!progress || progress.sought) return;
    progress.unprocessed -= count;
    // The last call of `resolveOffset` decides where kafkajs goes on, also if it names an earlier offset.
    progress.next = known(offset + 1) ?? progress.next;
    if (isDated(timestamp)) progress.last = timestamp;
  }

  /**
   * kafkajs is done with a batch. It may end with records that no handler sees (transaction markers, aborted ones), which
   * count as processed once all others are; a batch that was left early (pause, seek) is not.
   */
  completed(topic: string, partition: number, lastOffset: number): void {
    const progress = this.#of(topic, partition);
    if (!progress || progress.sought || progress.unprocessed > 0) return;
    progress.next = known(lastOffset + 1) ?? progress.next;
  }

  /**
   * The program goes on elsewhere. With a negative offset kafkajs goes to the end or to the beginning, as the topic was subscribed:
   * at the end no fetch need follow, and from the beginning the next fetch tells how far it is.
   */
  sought(topic: string, partition: number, offset: number): void {
    const progress = this.#of(topic, partition);
    if (!progress || Number.isNaN(offset)) return;
    progress.next = offset < 0 ? progress.highWatermark : (known(offset) ?? progress.next);
    progress.sought = true;
  }

  /** Reads every partition; those that are lost for the last time. */
  read(now: number): PartitionReading[] {
    this.#last = undefined;
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

  #of(topic: string, partition: number): Progress | undefined {
    const last = this.#last;
    if (last?.partition === partition && last.topic === topic) return last.progress;
    const progress = this.#topics.get(topic)?.get(partition);
    if (!progress || progress.lost) return undefined;
    this.#last = { topic, partition, progress };
    return progress;
  }
}

function unknown(): Progress {
  return {
    highWatermark: undefined,
    next: undefined,
    unprocessed: 0,
    handling: [],
    waiting: undefined,
    last: undefined,
    sought: false,
    lost: false,
  };
}

/** Zero until a fetch tells otherwise, if the partition has ever shown anything. */
function regained({ highWatermark }: Progress): Progress {
  return highWatermark === undefined ? unknown() : { ...unknown(), highWatermark: 0, next: 0 };
}

function lagOf(progress: Progress, now: number) {
  const { highWatermark, next, waiting, last, lost } = progress;
  if (highWatermark === undefined || next === undefined) return { recordsLag: undefined, timeLag: undefined };
  const recordsLag = lost ? 0 : Math.max(0, highWatermark - next);
  if (recordsLag === 0) return { recordsLag, timeLag: 0 };
  const since = oldestUnprocessed(progress) ?? waiting ?? timestampOf({ timestamp: last });
  return { recordsLag, timeLag: since === undefined ? undefined : Math.max(0, now - since) / 1000 };
}

/** Looked for when somebody asks, so that resolving each message of a batch costs no search. */
function oldestUnprocessed({ handling, next = 0 }: Progress): number | undefined {
  const last = handling.at(-1);
  if (!last || Number(last.offset) < next) return undefined;
  return oldestTimestamp(handling.filter(({ offset }) => Number(offset) >= next));
}

const known = (offset: number): number | undefined => (Number.isSafeInteger(offset) ? offset : undefined);
