import type { Context } from '@opentelemetry/api';
import { performance } from 'node:perf_hooks';
import { ConsumerHealth } from '../metrics/consumer-health';
import { oldestTimestamp } from '../metrics/partition-lag';
import type { MetricsRecorder } from '../metrics/recorder';
import { consumerBaseContext } from '../propagation/extract';
import { contextOfCall, isSdkRegistered, isSuppressed, type Runtime } from '../runtime';
import { attempt } from '../support/guard';
import { startBatchSpan } from './batch';
import { errorType } from './errors';
import { rememberBatch } from './message-span';
import { composeOperations, runAround, runInside, type Operation } from './operation';
import type {
  BatchObserver,
  ClientInfo,
  ConsumerEvents,
  ConsumerState,
  ReceivedBatch,
  ReceivedMessage,
} from './port';
import { startMessageSpan } from './process';

export class TracedConsumer {
  readonly #health: ConsumerHealth;
  /**
   * True if metrics were on when the consumer was created. Otherwise there are no event listeners, and the progress is
   * unknown.
   */
  readonly #followsProgress: boolean;
  /**
   * Stored when the consumer is created, because `runtime.metrics` is `undefined` while metrics are switched off. The
   * recorder must follow the consumer even then.
   */
  readonly #recorder: MetricsRecorder | undefined;
  #active: Context | undefined;
  #base: Context | undefined;

  constructor(
    private readonly runtime: Runtime,
    private readonly client: ClientInfo,
    state: ConsumerState,
  ) {
    this.#followsProgress = runtime.settings.metrics;
    this.#recorder = attempt(runtime, 'metrics', () => runtime.metrics);
    this.#health = new ConsumerHealth(
      client.messages,
      () => attempt(runtime, 'paused', () => state.paused()) ?? [],
      () => attempt(runtime, 'consumer state', () => state.report?.(this.events)),
    );
  }

  processMessage<Result>(received: ReceivedMessage, call: () => Result): Result {
    const { runtime, client } = this;
    const active = this.#contextOfRun();
    const { topic, partition, message } = received;
    const run = this.#follow(
      { topic, partition, messages: [message], resolvesAll: true, isSingle: true },
      active !== undefined,
    );
    if (!active) return run ? runAround(runtime, run, call) : call();
    const span = attempt(runtime, 'process', () => startMessageSpan(runtime, client, received, active));
    return runInside(runtime, composeOperations(runtime, [span, run]), call);
  }

  /**
   * @param call - calls the handler and reports resolved offsets to `observer`. If `observer` is `undefined`, the handler
   *   must get the library's own payload
   */
  processBatch<Result>(
    received: ReceivedBatch,
    call: (observer: BatchObserver | undefined) => Result,
  ): Result {
    const { runtime, client } = this;
    // An empty batch gets no span: the conventions define spans only for operations on messages.
    if (received.messages.length === 0) return call(undefined);
    const active = this.#contextOfRun();
    const run = this.#follow(received, active !== undefined);
    const observer: BatchObserver = {
      resolved: offset => {
        attempt(runtime, 'metrics', () => run?.resolved(offset));
      },
    };
    if (!active) return run ? runAround(runtime, run, () => call(observer)) : call(undefined);
    const span = attempt(runtime, 'process', () => startBatchSpan(runtime, client, received, active));
    if (span)
      attempt(runtime, 'process', () => {
        rememberBatch(runtime, client, received, span);
      });
    return runInside(runtime, composeOperations(runtime, [span, run]), () => call(observer));
  }

  /** The context to which the span and baggage of a message are added. `undefined` if the handler must not be traced. */
  #contextOfRun(): Context | undefined {
    const active = isSdkRegistered(this.runtime) ? contextOfCall(this.runtime) : undefined;
    // The library usually calls all handlers in the same context, so `#base` is computed only when the context changes.
    if (active && active !== this.#active) {
      this.#base = attempt(this.runtime, 'context', () => consumerBaseContext(active));
      this.#active = active;
    }
    return active && (this.#base ?? active);
  }

  /**
   * Follows the progress even while the instrumentation is disabled. Otherwise the lag would be wrong after it is enabled
   * again.
   */
  #follow(delivered: Delivered, isMeasured: boolean): HandlerRun | undefined {
    const { runtime, client } = this;
    if (!this.#followsProgress) return undefined;
    const run = attempt(runtime, 'metrics', () => new HandlerRun(client, this.#health, delivered));
    if (run && isMeasured)
      attempt(runtime, 'metrics', () => {
        const { metrics } = runtime;
        if (metrics?.hasMetricReader) run.measure(metrics);
      });
    return run;
  }

  /**
   * Handles the events of the client. Events always update the state of the consumer. Nothing is counted while the
   * instrumentation is disabled or tracing is suppressed.
   */
  readonly events: ConsumerEvents = {
    joined: assignment => {
      const isRebalance = this.#health.joined(assignment);
      this.#watch();
      if (isRebalance)
        this.#count(metrics => {
          metrics.countRebalance(this.client);
        });
    },
    assigned: assignment => {
      this.#health.assigned(assignment);
    },
    heartbeat: () => {
      this.#health.heartbeat(Date.now());
    },
    fetched: (topic, partition, fetch) => {
      this.#health.partitions.fetched(topic, partition, fetch);
    },
    reachedWatermark: (topic, partition, highWatermark) => {
      this.#health.partitions.reachedWatermark(topic, partition, highWatermark);
    },
    completed: (topic, partition, lastOffset) => {
      this.#health.partitions.completed(topic, partition, lastOffset);
    },
    sought: (topic, partition, offset) => {
      this.#health.partitions.sought(topic, partition, offset);
    },
    left: () => {
      this.#health.left();
    },
    crashed: (error, restarts) => {
      this.#health.crashed();
      this.#watch();
      this.#count(metrics => {
        metrics.countCrash(this.client, errorType(error, this.client.errors), restarts);
      });
    },
  };

  #watch(): void {
    if (!isSuppressed()) this.#recorder?.watch(this.#health, this.client);
  }

  #count(record: (metrics: MetricsRecorder) => void): void {
    const { metrics } = this.runtime;
    if (metrics && contextOfCall(this.runtime)) record(metrics);
  }
}

type Delivered = Omit<ReceivedBatch, 'batch'> & { readonly isSingle?: boolean };

/**
 * One call of a handler. Follows the consumer's progress even without an SDK, so that the lag is right if an SDK is
 * registered later. Records metrics only after `measure()`.
 */
class HandlerRun implements Operation {
  #metrics: MetricsRecorder | undefined;
  #started = 0;

  constructor(
    private readonly client: ClientInfo,
    private readonly health: ConsumerHealth,
    private readonly delivered: Delivered,
  ) {
    const { topic, partition, messages } = delivered;
    health.partitions.began(topic, partition, messages);
  }

  measure(metrics: MetricsRecorder): void {
    const { client } = this;
    const { topic, partition, messages, isSingle = false } = this.delivered;
    this.#metrics = metrics;
    this.#started = performance.now();
    metrics.countConsumed(client, topic, messages.length);
    const oldest = oldestTimestamp(client.messages, messages);
    this.health.partitions.dated(topic, partition, oldest);
    if (oldest !== undefined) metrics.recordQueueTime(client, topic, oldest, !isSingle);
  }

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
    if (!this.#metrics) return;
    const seconds = (performance.now() - this.#started) / 1000;
    this.#metrics.recordDuration(this.client, { operation: 'process', topic, seconds, errorType: failure });
  }
}
