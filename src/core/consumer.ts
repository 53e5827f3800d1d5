import { ConsumerHealth } from '../metrics/consumer-health';
import { contextOfCall, isSdkRegistered, type Runtime } from '../runtime';
import { attempt } from '../support/guard';
import { startBatchSpan } from './batch';
import { errorType } from './errors';
import { HandlerRun } from './handler-run';
import { rememberBatch } from './message-span';
import { composeOperations, runAround, runInside } from './operation';
import type { BatchObserver, ClientInfo, ConsumerEvents, ReceivedBatch, ReceivedMessage } from './port';
import { startMessageSpan } from './process';

/** Traces and measures the handlers of one consumer, and follows its progress. */
export class TracedConsumer {
  readonly #health: ConsumerHealth;

  constructor(
    private readonly runtime: Runtime,
    private readonly client: ClientInfo,
  ) {
    this.#health = new ConsumerHealth(client.messages);
  }

  /** Calls a handler of single messages inside a `process` span. */
  processMessage<Result>(received: ReceivedMessage, call: () => Result): Result {
    const { runtime, client } = this;
    const active = contextOfCall(runtime);
    if (!active) return call();
    const { topic, partition, message } = received;
    const run = this.#follow({ topic, partition, messages: [message], resolvesAll: true });
    if (!isSdkRegistered(runtime)) return run ? runAround(runtime, run, call) : call();
    const span = attempt(runtime, 'process', () => startMessageSpan(runtime, client, received, active));
    return runInside(runtime, composeOperations(runtime, [span, run]), call);
  }

  /**
   * Calls a handler of batches inside a `process` span.
   *
   * @param call - calls the handler; reports what it resolves. Without an observer the handler is called as it is
   */
  processBatch<Result>(
    received: ReceivedBatch,
    call: (observer: BatchObserver | undefined) => Result,
  ): Result {
    const { runtime, client } = this;
    const active = received.messages.length === 0 ? undefined : contextOfCall(runtime);
    if (!active) return call(undefined);
    const run = this.#follow(received);
    const observer: BatchObserver = {
      resolved: offset => {
        attempt(runtime, 'metrics', () => run?.resolved(offset));
      },
    };
    if (!isSdkRegistered(runtime)) return run ? runAround(runtime, run, () => call(observer)) : call(undefined);
    const span = attempt(runtime, 'process', () => startBatchSpan(runtime, client, received, active));
    if (span)
      attempt(runtime, 'process', () => {
        rememberBatch(runtime, client, received, span);
      });
    return runInside(runtime, composeOperations(runtime, [span, run]), () => call(observer));
  }

  #follow(delivered: Omit<ReceivedBatch, 'batch'>): HandlerRun | undefined {
    const { runtime, client } = this;
    return attempt(runtime, 'metrics', () => {
      const { metrics } = runtime;
      return metrics && new HandlerRun(client, this.#health, metrics.hasMetricReader ? metrics : undefined, delivered);
    });
  }

  /** What the client library reports. State is followed also while the instrumentation is disabled; nothing is counted then. */
  readonly events: ConsumerEvents = {
    joined: assignment => {
      const { runtime, client } = this;
      const isRebalance = this.#health.joined(assignment, Date.now());
      if (isRebalance && runtime.isEnabled) runtime.metrics?.countRebalance(client);
      runtime.metrics?.watch(this.#health, client);
    },
    heartbeat: () => {
      this.#health.heartbeat(Date.now());
    },
    fetched: (topic, partition, fetch) => {
      this.#health.partitions.fetched(topic, partition, fetch);
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
      const { runtime, client } = this;
      if (runtime.isEnabled) runtime.metrics?.countCrash(client, errorType(error, client.errors), restarts);
      this.#health.crashed();
      runtime.metrics?.watch(this.#health, client);
    },
  };
}
