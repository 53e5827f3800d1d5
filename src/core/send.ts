import { SpanKind, SpanStatusCode, trace, type Context, type Span } from '@opentelemetry/api';
import { performance } from 'node:perf_hooks';
import type { KafkajsMessage } from '../config/options';
import type { MetricsRecorder } from '../metrics/recorder';
import { traceHeadersOf } from '../propagation/inject';
import { contextOfCall, isSdkRegistered, type Runtime } from '../runtime';
import { attempt } from '../support/guard';
import { ABANDONED, errorType, failSpan } from './errors';
import { linksTo, messageContexts, usesSendContext, type MessageContexts } from './message-contexts';
import { composeOperations, runAround, type Operation, type PendingOperations } from './operation';
import type {
  ClientInfo,
  HeadersByIndex,
  MessageReader,
  SendRequest,
  TopicMessages,
  TraceHeaders,
  WrittenPartition,
} from './port';
import {
  describeMessages,
  runHook,
  startSpan,
  commonPartition,
  messageFacts,
  NO_MESSAGE_FACTS,
} from './span';
import type { TracedTransaction } from './transaction';

/** A call with more topics gets one span without a topic, instead of one span per topic. */
const MAX_TOPICS = 16;

/**
 * Traces and measures one send call. Each topic of the call gets a span.
 *
 * @param read - reads the program's request; returns `undefined` if the library will refuse it
 * @param call - calls the library with the result of `withHeaders`; `undefined` means to pass on the program's own request
 * @param pending - given for a library whose calls may never settle
 */
export function traceSend<Result, Replaced>(
  runtime: Runtime,
  client: ClientInfo,
  read: () => SendRequest<Replaced> | undefined,
  call: (replaced: Replaced | undefined) => Result,
  transaction?: TracedTransaction,
  pending?: PendingOperations,
): Result {
  const current = isSdkRegistered(runtime) ? contextOfCall(runtime) : undefined;
  if (!current) return call(undefined);
  const request = attempt(runtime, 'send', read);
  if (request?.isEmpty) return call(undefined);
  const active = transaction ? transaction.contextOver(current) : current;
  const topics = request?.topics ?? [];
  const destinations = destinationsOf(topics);
  const measurement = attempt(runtime, 'metrics', () => measureSend(runtime, client, request, destinations));
  const spans = destinations.map(topic => startSendSpan(runtime, client, request, topic, active));
  const injected = request && attempt(runtime, 'inject', () => injectHeaders(runtime, request, spans));
  const pause = request && injected !== undefined ? pauseOnFailure(runtime, client, request) : undefined;
  const operation = composeOperations(runtime, [...spans, measurement, pause]);
  return runAround(runtime, pending?.track(operation) ?? operation, () => call(injected));
}

/** Returns the topics that get a span each. A single `undefined` means one span without a topic. */
function destinationsOf(topics: readonly TopicMessages[]): readonly (string | undefined)[] {
  const [first] = topics;
  if (first && topics.length === 1) return [first.topic];
  const distinct = new Set(topics.map(({ topic }) => topic));
  return distinct.size > MAX_TOPICS || distinct.size === 0 ? [undefined] : [...distinct];
}

function startSendSpan(
  runtime: Runtime,
  client: ClientInfo,
  request: SendRequest | undefined,
  topic: string | undefined,
  active: Context,
): SendSpan | undefined {
  const all = request?.topics ?? [];
  const entries = topic === undefined || all.length === 1 ? all : all.filter(entry => entry.topic === topic);
  // A getter of a message may throw, and then the send will fail too. The second attempt does not read the messages, so that
  // the failed send still gets a span.
  return (
    attempt(runtime, 'send', () => new SendSpan(runtime, client, request, topic, entries, active)) ??
    attempt(runtime, 'send', () => new SendSpan(runtime, client, undefined, topic, entries, active))
  );
}

/** The span of a send call for one topic. If `topic` is `undefined`, this span covers all messages of the call. */
class SendSpan implements Operation {
  readonly entries: readonly TopicMessages[];
  readonly #span: Span | undefined;
  /** The context that a message carries, unless it keeps its own trace headers or has a `create` span. */
  readonly #sendContext: Context;
  /** One item per entry, in the order of `entries`. */
  readonly #contexts: readonly MessageContexts[] | undefined;
  readonly #clientId: string | undefined;
  readonly #clusterId: string | undefined;

  constructor(
    private readonly runtime: Runtime,
    private readonly client: ClientInfo,
    private readonly request: SendRequest | undefined,
    private readonly topic: string | undefined,
    entries: readonly TopicMessages[],
    active: Context,
  ) {
    const { settings } = runtime;
    const reader = client.messages;
    // Without a request, the messages are unknown or cannot be read.
    const read = request ? entries : [];
    const messages = read.length === 1 ? (read[0]?.messages ?? []) : read.flatMap(entry => entry.messages);
    const isMalformed = read.length === 0 || read.some(entry => entry.isMalformed === true);
    const count = isMalformed ? undefined : messages.length;
    const single = count === 1 ? messages[0] : undefined;
    const facts = count === 1 ? messageFacts(reader, single, settings) : NO_MESSAGE_FACTS;
    const partition = topic === undefined ? undefined : commonPartition(reader, messages);
    const leader =
      topic === undefined || partition === undefined ? undefined : client.leader(topic, partition);
    // `undefined` in the usual case: all messages carry the context of this span.
    const contexts =
      settings.producerSpans === 'message' || messages.some(message => reader.headers(message))
        ? messageContexts(runtime, client, read, messages.length, active)
        : undefined;
    this.entries = entries;
    this.#contexts = contexts;
    this.#clientId = client.clientId();
    this.#clusterId = client.clusterId();
    const span = startSpan(
      runtime,
      describeMessages(settings, 'send', topic, undefined, count, reader, single),
      {
        kind: !contexts || usesSendContext(read, contexts) ? SpanKind.PRODUCER : SpanKind.CLIENT,
        facts: {
          operationName: settings.naming.operation('send'),
          operationType: 'send',
          destination: topic,
          partition,
          key: facts.key,
          tombstone: facts.tombstone,
          bodySize: facts.bodySize,
          batchCount: count === 1 ? undefined : count,
          clientId: this.#clientId,
          clusterId: this.#clusterId,
          serverAddress: leader?.host,
          serverPort: leader?.port,
        },
        links: contexts && linksTo(contexts),
        parent: active,
      },
    );
    runHook(runtime, 'producerHook', settings.producerHook, span, () => ({
      topic: topic ?? entries[0]?.topic ?? '',
      message: messages[0] as KafkajsMessage,
      messages: messages as readonly KafkajsMessage[],
    }));
    this.#span = span;
    this.#sendContext = (span && attempt(runtime, 'context', () => trace.setSpan(active, span))) ?? active;
  }

  /** Returns the trace headers for the messages of an entry. A message that keeps its own trace headers gets none. */
  headersFor(entry: TopicMessages, cachedHeaders: (context: Context) => TraceHeaders): HeadersByIndex {
    const contexts = this.#contexts?.[this.entries.indexOf(entry)];
    return index =>
      contexts?.kept?.[index] ? undefined : cachedHeaders(contexts?.created?.[index] ?? this.#sendContext);
  }

  end(result: unknown): void {
    const span = this.#span;
    if (!span) return;
    try {
      if (!span.isRecording()) return;
      this.#addClusterFacts(span);
      this.#addDelivery(span, result);
    } finally {
      span.end();
    }
  }

  fail(error: unknown): void {
    const span = this.#span;
    if (!span) return;
    try {
      if (!span.isRecording()) return;
      this.#addClusterFacts(span);
      failSpan(this.runtime, span, 'send', error, this.client.errors);
    } finally {
      span.end();
    }
  }

  abandon(): void {
    const span = this.#span;
    if (!span) return;
    this.#addClusterFacts(span);
    span.setAttributes(this.runtime.settings.vocabulary.attributes({ errorType: ABANDONED }));
    span.setStatus({
      code: SpanStatusCode.ERROR,
      message:
        'The producer disconnected before the result of the send was known. The messages may have been written.',
    });
    span.end();
  }

  /** The client learns its cluster id from its first response, so the id is added at the end. */
  #addClusterFacts(span: Span): void {
    const clientId = this.client.clientId();
    const clusterId = this.client.clusterId();
    if (clientId === this.#clientId && clusterId === this.#clusterId) return;
    span.setAttributes(this.runtime.settings.vocabulary.attributes({ clientId, clusterId }));
  }

  /** Adds partition and offset, which are known only from the result of the send. */
  #addDelivery(span: Span, result: unknown): void {
    const { topic, client, request } = this;
    if (topic === undefined || !request) return;
    const [first] = this.entries;
    const messages =
      first && this.entries.length === 1
        ? request.sent(first)
        : this.entries.flatMap(entry => request.sent(entry));
    const delivery = certainDelivery(client.messages, topic, messages, request.written(result));
    if (!delivery) return;
    const leader = client.leader(topic, delivery.partition);
    span.setAttributes(
      this.runtime.settings.vocabulary.attributes({
        // The properties are listed one by one, because a spread of `delivery` would be slow. On Node.js 20 and older,
        // each property after a spread costs microseconds.
        partition: delivery.partition,
        offset: delivery.offset,
        serverAddress: leader?.host,
        serverPort: leader?.port,
      }),
    );
  }
}

/** Returns the request with trace headers, or `undefined` if the program's own request must be sent. */
function injectHeaders<Replaced>(
  { settings, injectionPauses }: Runtime,
  request: SendRequest<Replaced>,
  spans: readonly (SendSpan | undefined)[],
): Replaced | undefined {
  const spanOf =
    spans.length > 1
      ? new Map(spans.flatMap(span => span?.entries.map(entry => [entry, span] as const) ?? []))
      : undefined;
  // Consecutive messages mostly have the same context, so it is enough to cache the headers of the last context.
  let last: Context | undefined;
  let lastHeaders: TraceHeaders = {};
  const cachedHeaders = (context: Context) => {
    if (context !== last) lastHeaders = traceHeadersOf((last = context));
    return lastHeaders;
  };
  const headersFor = (entry: TopicMessages) => {
    if (!settings.injects(entry.topic)) return undefined;
    return (spanOf ? spanOf.get(entry) : spans[0])?.headersFor(entry, cachedHeaders);
  };
  const replaced = request.withHeaders(headersFor);
  if (replaced === undefined || injectionPauses.byTopic.size === 0) return replaced;
  const size = () => request.size('with-added');
  const paused = request.topics.filter(({ topic }) => !injectionPauses.allows(topic, size));
  if (paused.length === 0) return replaced;
  return request.withHeaders(entry => (paused.includes(entry) ? undefined : headersFor(entry)));
}

/** After a failed send, stops adding headers to its topics for some time, if our headers may be the cause of the failure. */
function pauseOnFailure(
  { injectionPauses, log }: Runtime,
  client: ClientInfo,
  request: SendRequest,
): Operation {
  return {
    end() {
      // A successful send does not change the injection of headers.
    },
    fail(error) {
      const type = errorType(error, client.errors);
      const changed = request.topics.filter(entry => request.hasAddedHeaders(entry));
      const topics = [...new Set(changed.map(({ topic }) => topic))];
      const warning = injectionPauses.onFailure(type, topics, () => request.size('without-added'));
      if (warning !== undefined) log.warn(undefined, warning);
    },
  };
}

function measureSend(
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
 * Returns the partition and offset of the messages of one topic, if they are certain. The result of a send lists
 * partitions, not messages, and kafkajs silently drops messages for a partition that does not exist. So the partition
 * is certain only if the result has exactly one partition of the topic and no message names a different partition. The
 * offset is certain only if there is also exactly one message.
 */
function certainDelivery(
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

/** Counts the written messages of one topic. Messages for a partition that does not exist are not written. */
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
