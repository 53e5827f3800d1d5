import { performance } from 'node:perf_hooks';
import type { Batch } from './batch';
import type { ClientFacts } from './client';
import { errorType } from './errors';
import type { ConsumerHealth } from './metrics/consumer';
import type { Metrics } from './metrics/metrics';
import { oldestTimestamp, timestampOf } from './metrics/timestamps';
import type { MessagePayload } from './process';
import type { Ending } from './within';

/**
 * A run of a handler, as far as it moves the consumer on in its partition. It is followed also while nobody listens: how far the
 * consumer is must be known when an SDK comes, or an idle partition would show the lag of its last fetch.
 */
export abstract class Run implements Ending {
  #duration: Duration | undefined;

  constructor(
    protected readonly health: ConsumerHealth,
    protected readonly topic: string,
    protected readonly partition: number,
  ) {}

  /** The handler has returned well. */
  protected abstract processed(): void;

  /** How many messages the handler gets, and the timestamp of the oldest. */
  protected abstract delivered(): { readonly messages: number; readonly oldest: number | undefined };

  /** Not only follows the run but measures it, from its beginning. */
  measure(metrics: Metrics, client: ClientFacts): void {
    const { messages, oldest } = this.delivered();
    this.#duration = new Duration(metrics, client, this.topic);
    this.#duration.begin(messages, oldest);
  }

  end(): void {
    this.processed();
    this.health.partitions.ended(this.topic, this.partition);
    this.#duration?.finish(undefined);
  }

  fail(error: unknown): void {
    this.health.partitions.ended(this.topic, this.partition);
    this.#duration?.finish(errorType(error));
  }
}

/** Follows a run of `eachMessage`. */
export class FollowedMessage extends Run {
  readonly #offset: string;
  readonly #timestamp: unknown;

  constructor(health: ConsumerHealth, { topic, partition, message }: MessagePayload) {
    super(health, topic, partition);
    this.#offset = message.offset;
    this.#timestamp = message.timestamp;
    health.partitions.began(topic, partition, [message]);
  }

  protected delivered() {
    return { messages: 1, oldest: timestampOf({ timestamp: this.#timestamp }) };
  }

  protected processed(): void {
    const { health, topic, partition } = this;
    health.partitions.processed(topic, partition, 1, Number(this.#offset), this.#timestamp);
  }
}

/** Follows a run of `eachBatch`: which of its messages count as processed before it ends. */
export class FollowedBatch extends Run {
  readonly #messages: Batch['messages'];

  constructor(
    health: ConsumerHealth,
    { topic, partition, messages }: Batch,
    private readonly autoResolves: boolean,
  ) {
    super(health, topic, partition);
    this.#messages = messages;
    health.partitions.began(topic, partition, messages);
  }

  resolved(offset: unknown): void {
    const { health, topic, partition } = this;
    const last = this.#messages.at(-1);
    const isLast = String(offset) === last?.offset;
    health.partitions.processed(
      topic,
      partition,
      isLast ? this.#messages.length : 0,
      Number(offset),
      isLast ? last.timestamp : undefined,
    );
  }

  protected delivered() {
    return { messages: this.#messages.length, oldest: oldestTimestamp(this.#messages) };
  }

  protected processed(): void {
    if (this.autoResolves) this.resolved(this.#messages.at(-1)?.offset);
  }
}

/** What the metrics get of a run: what came in and how long it had waited, then how long the handler took. */
class Duration {
  readonly #started = performance.now();

  constructor(
    private readonly metrics: Metrics,
    private readonly client: ClientFacts,
    private readonly topic: string,
  ) {}

  begin(messages: number, oldest: number | undefined): void {
    const { metrics, client, topic } = this;
    metrics.consumed(client, topic, messages);
    if (oldest !== undefined) metrics.queued(client, topic, (Date.now() - oldest) / 1000);
  }

  finish(failure: string | undefined): void {
    const { metrics, client, topic } = this;
    const duration = (performance.now() - this.#started) / 1000;
    metrics.finished(client, { operation: 'process', topic, duration, errorType: failure });
  }
}
