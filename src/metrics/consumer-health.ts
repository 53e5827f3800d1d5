import {
  PartitionLags,
  type PartitionReading,
  type PausedPartitions,
  type RecordReader,
} from './partition-lag';

/** The state of a consumer, from the client's events. */
type Phase =
  /** Not in a group yet. */
  | 'idle'
  | 'running'
  /** Stopped or disconnected: shows zeros once, then nothing. */
  | 'left'
  /** Dead, or waiting for its restart: stays visible without partitions, so that an alert can see it. */
  | 'crashed';

/** One consumer at a collection. */
export interface ConsumerReading {
  readonly partitions: readonly PartitionReading[];
  readonly assigned: number | undefined;
  /** In seconds. `undefined` for a client that does not report heartbeats. */
  readonly heartbeatAge: number | undefined;
  /** False for one that has left: another consumer of its group counts instead. */
  readonly isMember: boolean;
}

/** Health and progress of one consumer. */
export class ConsumerHealth {
  readonly partitions: PartitionLags;
  #phase: Phase = 'idle';
  #heartbeat: number | undefined;

  /** @param refresh - called at each collection, before anything is read */
  constructor(
    reader: RecordReader,
    paused?: () => PausedPartitions,
    private readonly refresh: () => void = () => undefined,
  ) {
    this.partitions = new PartitionLags(reader, paused);
  }

  /** @returns true for a rebalance: the consumer was a member before, or the group had expelled it */
  joined(assignment: Readonly<Record<string, readonly number[]>>): boolean {
    const wasMember = this.#phase === 'running';
    this.#phase = 'running';
    this.partitions.assign(assignment);
    return wasMember;
  }

  /** The assignment changed. Ignored unless the consumer is a member. */
  assigned(assignment: Readonly<Record<string, readonly number[]>>): void {
    if (this.#phase === 'running') this.partitions.assign(assignment);
  }

  heartbeat(now: number): void {
    this.#heartbeat = now;
  }

  left(): void {
    if (this.#phase === 'idle') return;
    this.#phase = 'left';
    this.partitions.leave();
  }

  /** kafkajs has stopped and disconnected a consumer before it reports the crash. */
  crashed(): void {
    this.#phase = 'crashed';
    this.partitions.leave();
  }

  /** True when nothing is left to show. */
  get isGone(): boolean {
    return this.#phase === 'idle';
  }

  read(now: number): ConsumerReading {
    if (this.#phase === 'running') this.refresh();
    const partitions = this.partitions.read(now);
    const heartbeatAge =
      this.#heartbeat === undefined ? undefined : Math.max(0, now - this.#heartbeat) / 1000;
    switch (this.#phase) {
      case 'idle':
        return { partitions, assigned: undefined, heartbeatAge: undefined, isMember: false };
      case 'left':
        this.#phase = 'idle';
        return { partitions, assigned: 0, heartbeatAge: heartbeatAge && 0, isMember: false };
      case 'crashed':
        return { partitions, assigned: 0, heartbeatAge, isMember: false };
      case 'running':
        return { partitions, assigned: this.partitions.assigned, heartbeatAge, isMember: true };
    }
  }
}
