import {
  PartitionLags,
  type PartitionReading,
  type PausedPartitions,
  type RecordReader,
} from './partition-lag';

type Phase =
  /** The consumer is not in a group and has nothing to report. */
  | 'idle'
  | 'running'
  /**
   * The consumer stopped or disconnected. The next metric collection reports zeros. Later collections report nothing.
   */
  | 'left'
  /**
   * An error stopped the consumer. Its metrics are still reported, with 0 assigned partitions, so that an alert can
   * react.
   */
  | 'crashed';

/** One consumer's values for a metric collection. */
export interface ConsumerReading {
  readonly partitions: readonly PartitionReading[];
  readonly assigned: number | undefined;
  /** In seconds. `undefined` for a client that does not report heartbeats. */
  readonly heartbeatAge: number | undefined;
  /**
   * False after the consumer left its group or crashed. Its heartbeat age is then reported only if no other consumer of
   * the group runs in this process.
   */
  readonly isMember: boolean;
}

export class ConsumerHealth {
  readonly partitions: PartitionLags;
  #phase: Phase = 'idle';
  #heartbeat: number | undefined;

  /** @param refresh - called before each metric collection */
  constructor(
    reader: RecordReader,
    paused?: () => PausedPartitions,
    private readonly refresh: () => void = () => undefined,
  ) {
    this.partitions = new PartitionLags(reader, paused);
  }

  /** @returns true if the join was a rebalance, because the consumer was already in the group */
  joined(assignment: Readonly<Record<string, readonly number[]>>): boolean {
    const wasMember = this.#phase === 'running';
    this.#phase = 'running';
    this.partitions.assign(assignment);
    return wasMember;
  }

  /** Ignored if the consumer is not in a group. */
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

  /** kafkajs disconnects a crashed consumer before it reports the crash, so `left()` has already been called. */
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
