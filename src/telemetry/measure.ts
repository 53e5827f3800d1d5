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
export function measureSend(
  metrics: Metrics,
  client: ClientFacts,
  entries: readonly Outgoing[],
  { acks, destinations }: { acks: unknown; destinations: readonly (string | undefined)[] },
): Ending {
  const started = performance.now();
  const finish = (failure: string | undefined, result: unknown) => {
    const duration = secondsSince(started);
    for (const topic of destinations)
      metrics.finished(client, { operation: 'send', topic, duration, errorType: failure });
    if (failure !== undefined && !wasAttempted(failure)) return;
    for (const { topic, messages } of entries) {
      const count =
        failure === undefined && acks !== 0 ? sentCount(topic, messages, result) : messages.length;
      if (count > 0) metrics.sent(topic, count, failure);
    }
  };
  return {
    end(result) {
      finish(undefined, result);
    },
    fail(error) {
      finish(errorType(error), undefined);
    },
  };
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

/** Measures one run of `eachMessage`. */
export function measureMessage(
  { metrics, health }: Measuring,
  client: ClientFacts,
  payload: MessagePayload,
): Ending {
  const { topic, partition, message } = payload;
  const { partitions } = health;
  const timestamp = timestampOf(message);
  partitions.began(topic, partition, [message]);
  metrics.consumed(client, topic).pending++;
  if (timestamp !== undefined) metrics.queued(client, topic, (Date.now() - timestamp) / 1000);
  return measureRun(metrics, client, topic, {
    end() {
      partitions.processed(topic, partition, 1, Number(message.offset), timestamp);
      partitions.ended(topic, partition);
    },
    fail() {
      partitions.ended(topic, partition);
    },
  });
}

/** A batch as it is handled: which of its messages count as processed before it ends. */
export interface MeasuredBatch extends Ending {
  readonly resolved: (offset: unknown) => void;
}

/** Measures one run of `eachBatch`; an empty batch is not one. */
export function measureBatch(
  { metrics, health }: Measuring,
  client: ClientFacts,
  { topic, partition, messages }: Batch,
  autoResolves: boolean,
): MeasuredBatch | undefined {
  if (messages.length === 0) return undefined;
  const { partitions } = health;
  const oldest = oldestTimestamp(messages);
  const last = messages.at(-1);
  partitions.began(topic, partition, messages);
  metrics.consumed(client, topic).pending += messages.length;
  if (oldest !== undefined) metrics.queued(client, topic, (Date.now() - oldest) / 1000);
  const resolved = (offset: unknown) => {
    const isLast = String(offset) === last?.offset;
    partitions.processed(
      topic,
      partition,
      isLast ? messages.length : 0,
      Number(offset),
      isLast ? timestampOf(last) : undefined,
    );
  };
  const run = measureRun(metrics, client, topic, {
    end() {
      if (autoResolves) resolved(last?.offset);
      partitions.ended(topic, partition);
    },
    fail() {
      partitions.ended(topic, partition);
    },
  });
  return { ...run, resolved };
}

function measureRun(metrics: Metrics, client: ClientFacts, topic: string, then: Ending): Ending {
  const started = performance.now();
  const finish = (failure: string | undefined) => {
    metrics.finished(client, {
      operation: 'process',
      topic,
      duration: secondsSince(started),
      errorType: failure,
    });
  };
  return {
    end(result) {
      then.end(result);
      finish(undefined);
    },
    fail(error) {
      then.fail(error);
      finish(errorType(error));
    },
  };
}

const secondsSince = (started: number): number => (performance.now() - started) / 1000;
