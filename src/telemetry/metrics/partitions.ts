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
  /** Its loss has been read. */
  isLossRead: boolean;
  /** It was lost, and nothing has been fetched since it came back. */
  regained: boolean;
}

/** What `consumer.paused()` of kafkajs gives. */
export type Paused = readonly { readonly topic: string; readonly partitions: readonly number[] }[];

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
  #isMember = false;
  /** What was asked for last, and nearly always is asked for again. */
  #last: { readonly topic: string; readonly partition: number; readonly progress: Progress } | undefined;

  /** @param paused - asked at a collection, and only if a partition has come back that nothing was fetched of since */
  constructor(private readonly paused: () => Paused = () => []) {}

  get assigned(): number {
    return this.#assigned;
  }

  /** The assignment after joining the group; what is not in it is lost. */
  assign(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.#last = undefined;
    this.#isMember = true;
    // A topic may be called `constructor`, which every object seems to have.
    const ours = new Map(Object.entries(assignment));
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, progress] of partitions) {
        const isOurs = ours.get(topic)?.includes(partition) ?? false;
        if (isOurs && progress.lost)
          Object.assign(progress, { lost: false, isLossRead: false, regained: true });
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

  /** The consumer has left its group, and with it kafkajs forgets what was paused. */
  leave(): void {
    this.assign({});
    this.#isMember = false;
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
    let paused: Paused | undefined;
    const isPaused = (topic: string, partition: number) =>
      (paused ??= this.paused()).some(entry => entry.topic === topic && entry.partitions.includes(partition));
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, progress] of partitions) {
        const { lost, isLossRead, regained } = progress;
        // kafkajs fetches from a partition that has come back, unless it is paused: then what is known holds until somebody
        // fetches. Otherwise another member may have processed all of it, and if it has not, a fetch tells at once.
        const isDone = lost || (regained && !isPaused(topic, partition));
        if (!isLossRead) readings.push({ topic, partition, lost, ...lagOf(progress, now, isDone) });
        // A member may get it back, and a pause outlives the loss.
        if (lost && this.#isMember) progress.isLossRead = true;
        else if (lost) partitions.delete(partition);
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
    isLossRead: false,
    regained: false,
  };
}

/** @param isDone - whether nothing is left of it for this consumer */
function lagOf(progress: Progress, now: number, isDone: boolean) {
  const { highWatermark, next, waiting, last } = progress;
  if (highWatermark === undefined || next === undefined) return { recordsLag: undefined, timeLag: undefined };
  const recordsLag = isDone ? 0 : Math.max(0, highWatermark - next);
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
