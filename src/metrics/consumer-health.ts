import {
  PartitionLags,
  type PartitionReading,
  type PausedPartitions,
  type RecordReader,
} from './partition-lag';

/** The state of a consumer, from the client's events. */
type Phase =
  /** Not a member of a group yet. */
  | 'idle'
  | 'running'
  /** Stopped or disconnected. The next collection reports zeros, later collections report nothing. */
  | 'left'
  /** Stopped by an error, or waiting for its restart. Still reported, without partitions, so that an alert can react. */
  | 'crashed';

/** The values of one consumer at the time of a collection. */
export interface ConsumerReading {
  readonly partitions: readonly PartitionReading[];
  readonly assigned: number | undefined;
  /** In seconds. `undefined` for a client that does not report heartbeats. */
  readonly heartbeatAge: number | undefined;
  /**
   * False for a consumer that has left or crashed. Its heartbeat age is reported only if its group has no member in this
   * process.
   */
  readonly isMember: boolean;
}

/** Health and progress of one consumer. */
export class ConsumerHealth {
  readonly partitions: PartitionLags;
  #phase: Phase = 'idle';
  #heartbeat: number | undefined;

  /** @param refresh - called at the start of each collection */
  constructor(
    reader: RecordReader,
    paused?: () => PausedPartitions,
    private readonly refresh: () => void = () => undefined,
  ) {
    this.partitions = new PartitionLags(reader, paused);
  }

  /**
   * @returns true if this join was a rebalance, because the consumer was already a member, or was one until its group
   *   expelled it
   */
  joined(assignment: Readonly<Record<string, readonly number[]>>): boolean {
    const wasMember = this.#phase === 'running';
    this.#phase = 'running';
    this.partitions.assign(assignment);
    return wasMember;
  }

  /** Call it when the assignment has changed. Ignored if the consumer is not a member of a group. */
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

  /** kafkajs stops and disconnects a crashed consumer before it reports the crash. */
  crashed(): void {
    this.#phase = 'crashed';
    this.partitions.leave();
  }

  /** True if the consumer has nothing left to report. */
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
