import { Partitions, type PartitionReading, type Paused } from './partitions';

/** What a consumer is doing, as far as it can be told from kafkajs's events. */
type Phase =
  /** Not in a group yet. */
  | 'idle'
  | 'running'
  /** Stopped or disconnected: shows zeros once, and then nothing. */
  | 'left'
  /** Dead, or waiting for its restart: stays visible with no partitions, so that an alert can see it. */
  | 'crashed';

/** What one consumer shows at a collection. */
export interface ConsumerReading {
  readonly partitions: readonly PartitionReading[];
  readonly assigned: number | undefined;
  /** In seconds. */
  readonly heartbeatAge: number | undefined;
  /** Whether it is in its group; one that is not gives way to another of its group that is. */
  readonly isMember: boolean;
}

/** The health and progress of one consumer. It holds what it needs while the consumer is in its group, and no longer. */
export class ConsumerHealth {
  readonly partitions: Partitions;
  #phase: Phase = 'idle';
  #heartbeat: number | undefined;

  /** @param paused - the partitions that are paused */
  constructor(paused?: () => Paused) {
    this.partitions = new Partitions(paused);
  }

  /** @returns whether it was in the group before: the group was rebalanced, or had expelled it */
  joined(assignment: Readonly<Record<string, readonly number[]>>, now: number): boolean {
    const wasMember = this.#phase === 'running';
    this.#phase = 'running';
    this.#heartbeat = now;
    this.partitions.assign(assignment);
    return wasMember;
  }

  heartbeat(now: number): void {
    this.#heartbeat = now;
  }

  left(): void {
    if (this.#phase === 'idle') return;
    this.#phase = 'left';
    this.partitions.leave();
  }

  /** kafkajs has stopped and disconnected a consumer before it says that it has crashed. */
  crashed(): void {
    this.#phase = 'crashed';
    this.partitions.leave();
  }

  /** Whether there is nothing left to show. */
  get isGone(): boolean {
    return this.#phase === 'idle';
  }

  read(now: number): ConsumerReading {
    const partitions = this.partitions.read(now);
    const heartbeatAge =
      this.#heartbeat === undefined ? undefined : Math.max(0, now - this.#heartbeat) / 1000;
    switch (this.#phase) {
      case 'idle':
        return { partitions, assigned: undefined, heartbeatAge: undefined, isMember: false };
      case 'left':
        this.#phase = 'idle';
        return { partitions, assigned: 0, heartbeatAge: 0, isMember: false };
      case 'crashed':
        return { partitions, assigned: 0, heartbeatAge, isMember: false };
      case 'running':
        return { partitions, assigned: this.partitions.assigned, heartbeatAge, isMember: true };
    }
  }
}
