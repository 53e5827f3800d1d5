import { performance } from 'node:perf_hooks';
import type { ConsumerHealth } from '../metrics/consumer-health';
import { oldestTimestamp } from '../metrics/partition-lag';
import type { MetricsRecorder } from '../metrics/recorder';
import { errorType } from './errors';
import type { Operation } from './operation';
import type { ClientInfo } from './port';

interface Delivered {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly unknown[];
  /** True when all messages count as processed once the handler returns. */
  readonly resolvesAll: boolean;
}

/**
 * One run of a handler, for the consumer's progress and for the metrics. Progress is followed also without an SDK: lag must
 * be right when one is registered later.
 */
export class HandlerRun implements Operation {
  readonly #started: number;

  constructor(
    private readonly client: ClientInfo,
    private readonly health: ConsumerHealth,
    private readonly metrics: MetricsRecorder | undefined,
    private readonly delivered: Delivered,
  ) {
    const { topic, partition, messages } = delivered;
    health.partitions.began(topic, partition, messages);
    this.#started = metrics ? performance.now() : 0;
    if (!metrics) return;
    metrics.countConsumed(client, topic, messages.length);
    const oldest = oldestTimestamp(client.messages, messages);
    if (oldest !== undefined) metrics.recordQueueTime(client, topic, (Date.now() - oldest) / 1000);
  }

  /** The handler is done with the messages up to this offset. */
  resolved(offset: number): void {
    const { topic, partition, messages } = this.delivered;
    const reader = this.client.messages;
    const last = messages.at(-1);
    const isLast = last !== undefined && reader.offset(last) === offset;
    this.health.partitions.processed(topic, partition, {
      count: isLast ? messages.length : 0,
      offset,
      timestamp: isLast ? reader.timestamp(last) : undefined,
    });
  }

  end(): void {
    const { messages, resolvesAll } = this.delivered;
    if (resolvesAll) this.resolved(this.client.messages.offset(messages.at(-1)) ?? NaN);
    this.#finish(undefined);
  }

  fail(error: unknown): void {
    this.#finish(errorType(error, this.client.errors));
  }

  #finish(failure: string | undefined): void {
    const { topic, partition } = this.delivered;
    this.health.partitions.ended(topic, partition);
    const seconds = (performance.now() - this.#started) / 1000;
    this.metrics?.recordDuration(this.client, { operation: 'process', topic, seconds, errorType: failure });
  }
}
