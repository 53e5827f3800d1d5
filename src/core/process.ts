import {
  SpanKind,
  context as contextApi,
  trace,
  type Context,
  type Link,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import type { ConsumerContext, KafkajsMessage } from '../config/options';
import { consumerBaseContext, extractFrom, originOf, setHandledOrigin } from '../propagation/extract';
import type { Runtime } from '../runtime';
import type { OperationFacts } from '../semconv/vocabulary';
import { attempt } from '../support/guard';
import type { ClientInfo, ReceivedMessage } from './port';
import { describeMessages, NO_LINKS, runHook, SpanOperation, startSpan, messageFacts } from './span';

/** Starts the span of one `eachMessage` call. A message that is delivered twice gets two spans. */
export function startMessageSpan(
  runtime: Runtime,
  client: ClientInfo,
  received: ReceivedMessage,
  base: Context,
): SpanOperation {
  const origin = readOrigin(runtime, client, received, base);
  const { parent, links } = relate(
    runtime.settings.consumerContext(received.topic),
    origin.extracted,
    origin.producer,
  );
  return startProcessSpan(runtime, client, received, {
    parent,
    links,
    withoutSpan: origin.extracted,
    handled: origin.handled,
  });
}

/**
 * Starts the span of one message inside `eachBatch`. By default, the span belongs to the trace of the message and links to
 * the batch span. So the trace of the message is complete even if the batch span is not sampled. With `consumerContext:
 * 'link'`, the span is a child of the batch span and links to the producer's span.
 */
export function startMessageOfBatchSpan(
  runtime: Runtime,
  client: ClientInfo,
  received: ReceivedMessage,
  { live, context: batchSpan }: BatchPlace,
): SpanOperation {
  const mode = runtime.settings.consumerContext(received.topic);
  const { extracted, producer, handled } = readOrigin(
    runtime,
    client,
    received,
    consumerBaseContext(contextApi.active()),
  );
  const { parent, links } = relate(mode, extracted, producer);
  if (batchSpan && (mode === 'link' || !producer)) {
    const inBatch = live ? trace.setSpan(parent, live) : trace.setSpanContext(parent, batchSpan);
    return startProcessSpan(runtime, client, received, {
      parent: inBatch,
      links,
      withoutSpan: inBatch,
      handled,
    });
  }
  return startProcessSpan(runtime, client, received, {
    parent,
    links: batchSpan ? [...links, { context: batchSpan }] : links,
    withoutSpan: extracted,
    handled,
  });
}

export interface BatchPlace {
  /** The batch span. `undefined` after it has ended. */
  live: Span | undefined;
  context: SpanContext | undefined;
}

/** What the headers of a message say about its producer. */
interface Origin {
  /**
   * A context with the span and baggage from the message's headers. Both are absent if the option `propagation` forbids
   * reading headers.
   */
  readonly extracted: Context;
  readonly producer: SpanContext | undefined;
  /**
   * The span context in the message's headers, to recognise headers that the handler copies to another message. Set even if
   * `propagation` forbids reading headers.
   */
  readonly handled: SpanContext | undefined;
}

function readOrigin(
  { settings }: Runtime,
  client: ClientInfo,
  { topic, message }: ReceivedMessage,
  base: Context,
): Origin {
  const extracted = extractFrom(client.messages.receivedHeaders(message), base);
  const handled = originOf(extracted);
  return settings.extracts(topic)
    ? { extracted, producer: handled, handled }
    : { extracted: base, producer: undefined, handled };
}

/**
 * Decides the parent and the links of a consumer span. `parent` contains the baggage of `extracted`, whatever `mode`
 * is.
 */
export function relate(
  mode: ConsumerContext,
  extracted: Context,
  producer: SpanContext | undefined,
): { readonly parent: Context; readonly links: readonly Link[] } {
  return {
    parent: mode === 'link' ? trace.deleteSpan(extracted) : extracted,
    links: producer && mode !== 'parent' ? [{ context: producer }] : NO_LINKS,
  };
}

interface ProcessRelation {
  readonly parent: Context;
  readonly links: readonly Link[];
  /**
   * The handler runs in this context if the options `topics` or `filter` suppress the span. It contains the producer's span
   * or the batch span, so the trace is not interrupted.
   */
  readonly withoutSpan: Context;
  readonly handled: SpanContext | undefined;
}

function startProcessSpan(
  runtime: Runtime,
  client: ClientInfo,
  { topic, partition, message }: ReceivedMessage,
  { parent, links, withoutSpan, handled }: ProcessRelation,
): SpanOperation {
  const { settings } = runtime;
  const reader = client.messages;
  const { key, tombstone, bodySize } = messageFacts(reader, message, settings);
  const span = startSpan(
    runtime,
    describeMessages(settings, 'process', topic, client.group, 1, reader, message),
    {
      kind: SpanKind.CONSUMER,
      facts: processFacts(runtime, client, {
        topic,
        partition,
        offset: reader.offset(message),
        key,
        tombstone,
        bodySize,
      }),
      links,
      parent,
    },
  );
  runHook(runtime, 'consumerHook', settings.consumerHook, span, () => ({
    topic,
    partition,
    message: message as KafkajsMessage,
  }));
  const context = attempt(runtime, 'context', () => {
    const own = span ? trace.setSpan(parent, span) : withoutSpan;
    return handled ? setHandledOrigin(own, handled) : own;
  });
  return new SpanOperation(runtime, span, 'process', client.errors, context ?? parent);
}

export function processFacts(
  { settings }: Runtime,
  client: ClientInfo,
  handled: {
    readonly topic: string;
    readonly partition: number;
    readonly offset?: number | undefined;
    readonly key?: string | undefined;
    readonly tombstone?: boolean;
    readonly bodySize?: number | undefined;
    readonly batchCount?: number;
  },
): OperationFacts {
  const leader = client.leader(handled.topic, handled.partition);
  return {
    operationName: settings.naming.operation('process'),
    operationType: 'process',
    destination: handled.topic,
    partition: handled.partition,
    offset: handled.offset,
    key: handled.key,
    tombstone: handled.tombstone,
    bodySize: handled.bodySize,
    batchCount: handled.batchCount,
    group: client.group,
    clientId: client.clientId(),
    clusterId: client.clusterId(),
    serverAddress: leader?.host,
    serverPort: leader?.port,
  };
}
