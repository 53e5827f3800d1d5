import { performance } from 'node:perf_hooks';
import type { MetricsRecorder } from '../metrics/recorder';
import type { Runtime } from '../runtime';
import { ABANDONED, errorType } from './errors';
import type { Operation } from './operation';
import type { ClientInfo, MessageReader, SendRequest, WrittenPartition } from './port';

/**
 * Measures a send call. Records one duration for each span, and one message count for each topic.
 *
 * @returns `undefined` if no metric reader is registered
 */
export function measureSend(
  { metrics }: Runtime,
  client: ClientInfo,
  request: SendRequest | undefined,
  destinations: readonly (string | undefined)[],
): Operation | undefined {
  return metrics?.hasMetricReader ? new SendMeasurement(metrics, client, request, destinations) : undefined;
}

class SendMeasurement implements Operation {
  readonly #started = performance.now();

  constructor(
    private readonly metrics: MetricsRecorder,
    private readonly client: ClientInfo,
    private readonly request: SendRequest | undefined,
    private readonly destinations: readonly (string | undefined)[],
  ) {}

  end(result: unknown): void {
    this.#finish(undefined, result);
  }

  fail(error: unknown): void {
    const { errors } = this.client;
    const type = errorType(error, errors);
    this.#finish(type, undefined, errors.wasAttempted(type));
  }

  abandon(): void {
    this.#finish(ABANDONED, undefined);
  }

  #finish(failure: string | undefined, result: unknown, wasAttempted = true): void {
    const { metrics, client, request } = this;
    const seconds = (performance.now() - this.#started) / 1000;
    for (const topic of this.destinations)
      metrics.recordDuration(client, { operation: 'send', topic, seconds, errorType: failure });
    if (!request || !wasAttempted) return;
    const written = failure === undefined && request.isAcknowledged ? request.written(result) : undefined;
    for (const entry of request.topics) {
      const count = sentCount(client.messages, entry.topic, request.sent(entry), written);
      if (count > 0) metrics.countSent(entry.topic, count, failure);
    }
  }
}

/**
 * The partition and offset to which the messages of one topic were written, if they are certain. Client libraries report
 * results per topic and partition, not per message, and kafkajs silently drops messages for a partition that does not exist.
 * So the partition is certain only if the result has exactly one entry and no message names a different partition. The offset
 * is certain only if, in addition, there is exactly one message.
 */
export function certainDelivery(
  reader: MessageReader,
  topic: string,
  messages: readonly unknown[],
  written: readonly WrittenPartition[] | undefined,
): { readonly partition: number; readonly offset: number | undefined } | undefined {
  let only: WrittenPartition | undefined;
  for (const entry of written ?? []) {
    if (entry.topic !== topic) continue;
    if (only) return undefined;
    only = entry;
  }
  if (!only) return undefined;
  const { partition, baseOffset } = only;
  for (const message of messages)
    if ((reader.partition(message) ?? partition) !== partition) return undefined;
  return { partition, offset: messages.length === 1 ? baseOffset : undefined };
}

/** How many messages of a topic were written. Messages for a partition that does not exist are not counted. */
function sentCount(
  reader: MessageReader,
  topic: string,
  messages: readonly unknown[],
  written: readonly WrittenPartition[] | undefined,
): number {
  if (written && !written.some(entry => entry.topic === topic)) return 0;
  let count = 0;
  for (const message of messages) {
    const chosen = reader.partition(message);
    const isWritten =
      chosen === undefined ||
      (written
        ? written.some(entry => entry.topic === topic && entry.partition === chosen)
        : chosen >= 0 || Number.isNaN(chosen));
    if (isWritten) count++;
  }
  return count;
}
