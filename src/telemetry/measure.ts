import { performance } from 'node:perf_hooks';
import { errorType } from './errors';
import type { ConsumerHealth } from './metrics/consumer';
import type { Metrics } from './metrics/metrics';
import { oldestTimestamp, timestampOf } from './metrics/timestamps';
import type { Batch } from './batch';
import { sentCount, wasAttempted } from './delivery';
import type { MessagePayload } from './process';
import type { Outgoing } from './send';
import type { ClientFacts } from './client';
import type { Ending } from './within';

/** Measures a `send()` or `sendBatch()`: one duration for each span that it has, a count for each topic. */
export class MeasuredSend implements Ending {
  readonly #started = performance.now();

  constructor(
    private readonly metrics: Metrics,
    private readonly client: ClientFacts,
    private readonly entries: readonly Outgoing[],
    private readonly call: { acks: unknown; destinations: readonly (string | undefined)[] },
  ) {}

  end(result: unknown): void {
    this.#finish(undefined, result);
  }

  fail(error: unknown): void {
    this.#finish(errorType(error), undefined);
  }

  #finish(failure: string | undefined, result: unknown): void {
    const { metrics, client, entries } = this;
    const { acks, destinations } = this.call;
    const duration = secondsSince(this.#started);
    for (const topic of destinations)
      metrics.finished(client, { operation: 'send', topic, duration, errorType: failure });
    if (failure !== undefined && !wasAttempted(failure)) return;
    for (const { topic, messages } of entries) {
      const count =
        failure === undefined && acks !== 0 ? sentCount(topic, messages, result) : messages.length;
      if (count > 0) metrics.sent(topic, count, failure);
    }
  }
}

/** Measures an operation by its duration alone; `elapsed` milliseconds of it may have passed already. */
export function measureOperation(
  metrics: Metrics,
  client: ClientFacts,
  what: { readonly operation: 'commit'; readonly topic: string | undefined },
  elapsed: number,
): Ending {
  const started = performance.now() - elapsed;
  const finish = (failure: string | undefined) => {
    metrics.finished(client, { ...what, duration: secondsSince(started), errorType: failure });
  };
  return {
    end() {
      finish(undefined);
    },
    fail(error) {
      finish(errorType(error));
    },
  };
}

/** Where the runs of one consumer's handlers are measured. */
export interface Measuring {
  readonly metrics: Metrics;
  readonly health: ConsumerHealth;
}

/** A run of a handler: how long it takes, and what of its partition it leaves. */
abstract class Run implements Ending {
  readonly #started = performance.now();

  constructor(
    protected readonly measuring: Measuring,
    private readonly client: ClientFacts,
    protected readonly topic: string,
    protected readonly partition: number,
  ) {}

  /** The handler has returned well. */
  protected abstract processed(): void;

  end(): void {
    this.processed();
    this.#finish(undefined);
  }

  fail(error: unknown): void {
    this.#finish(errorType(error));
  }

  #finish(failure: string | undefined): void {
    const { topic, partition, measuring } = this;
    const duration = secondsSince(this.#started);
    measuring.health.partitions.ended(topic, partition);
    measuring.metrics.finished(this.client, { operation: 'process', topic, duration, errorType: failure });
  }
}

/** Measures one run of `eachMessage`. */
export class MeasuredMessage extends Run {
  readonly #offset: number;
  readonly #timestamp: number | undefined;

  constructor(measuring: Measuring, client: ClientFacts, { topic, partition, message }: MessagePayload) {
    super(measuring, client, topic, partition);
    const { metrics, health } = measuring;
    const timestamp = timestampOf(message);
    this.#offset = Number(message.offset);
    this.#timestamp = timestamp;
    health.partitions.began(topic, partition, [message]);
    metrics.consumed(client, topic).pending++;
    if (timestamp !== undefined) metrics.queued(client, topic, (Date.now() - timestamp) / 1000);
  }

  protected processed(): void {
    const { topic, partition, measuring } = this;
    measuring.health.partitions.processed(topic, partition, 1, this.#offset, this.#timestamp);
  }
}

/** A batch as it is handled: which of its messages count as processed before it ends. */
export interface MeasuredBatch extends Ending {
  resolved(offset: unknown): void;
}

/** Measures one run of `eachBatch`; an empty batch is not one. */
export function measureBatch(
  measuring: Measuring,
  client: ClientFacts,
  batch: Batch,
  autoResolves: boolean,
): MeasuredBatch | undefined {
  return batch.messages.length === 0 ? undefined : new BatchRun(measuring, client, batch, autoResolves);
}

class BatchRun extends Run implements MeasuredBatch {
  readonly #messages: Batch['messages'];

  constructor(
    measuring: Measuring,
    client: ClientFacts,
    { topic, partition, messages }: Batch,
    private readonly autoResolves: boolean,
  ) {
    super(measuring, client, topic, partition);
    const { metrics, health } = measuring;
    const oldest = oldestTimestamp(messages);
    this.#messages = messages;
    health.partitions.began(topic, partition, messages);
    metrics.consumed(client, topic).pending += messages.length;
    if (oldest !== undefined) metrics.queued(client, topic, (Date.now() - oldest) / 1000);
  }

  resolved(offset: unknown): void {
    const { topic, partition, measuring } = this;
    const last = this.#messages.at(-1);
    const isLast = String(offset) === last?.offset;
    measuring.health.partitions.processed(
      topic,
      partition,
      isLast ? this.#messages.length : 0,
      Number(offset),
      isLast ? timestampOf(last) : undefined,
    );
  }

  protected processed(): void {
    if (this.autoResolves) this.resolved(this.#messages.at(-1)?.offset);
  }
}

const secondsSince = (started: number): number => (performance.now() - started) / 1000;
