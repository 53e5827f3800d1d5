import { Partitions, type PartitionReading } from './partitions';

/** What a consumer is doing, as far as it can be told from kafkajs's events. */
type Phase =
  /** Not in a group yet. */
  | 'idle'
  | 'running'
  /** Stopped, disconnected, or between a crash and its restart: shows zeros once, and then nothing. */
  | 'left'
  /** Crashed for good: stays visible with no partitions, so that an alert can see it. */
  | 'dead';

/** What one consumer shows at a collection. */
export interface ConsumerReading {
  readonly partitions: readonly PartitionReading[];
  readonly assigned: number | undefined;
  /** In seconds. */
  readonly heartbeatAge: number | undefined;
}

/** The health and progress of one consumer. It holds what it needs while the consumer is in its group, and no longer. */
export class ConsumerHealth {
  readonly partitions = new Partitions();
  #phase: Phase = 'idle';
  #heartbeat: number | undefined;

  joined(assignment: Readonly<Record<string, readonly number[]>>, now: number): void {
    this.#phase = 'running';
    this.#heartbeat = now;
    this.partitions.assign(assignment);
  }

  heartbeat(now: number): void {
    this.#heartbeat = now;
  }

  left(): void {
    if (this.#phase === 'idle') return;
    this.#phase = 'left';
    this.partitions.assign({});
  }

  /** @param restarts - whether kafkajs is going to start the consumer again */
  crashed(restarts: boolean): void {
    if (!restarts) this.#phase = 'dead';
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
        return { partitions, assigned: undefined, heartbeatAge: undefined };
      case 'left':
        this.#phase = 'idle';
        this.#heartbeat = undefined;
        return { partitions, assigned: 0, heartbeatAge: 0 };
      default:
        return { partitions, assigned: this.partitions.assigned, heartbeatAge };
    }
  }
}
