import {
  SpanKind,
  context as contextApi,
  trace,
  type Context,
  type Link,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import type { KafkajsMessage } from '../config/hooks';
import { setHandled } from '../propagation/existing';
import { extractFrom, producerOf, withoutCaller } from '../propagation/extract';
import type { Facts, OperationType } from '../semconv/vocabulary';
import { failSpan } from './failure';
import { runHook } from './hooks';
import { messageFacts, offsetNumber } from './message';
import { describe, NO_LINKS, startSpan } from './span';
import type { ClientFacts } from './client';
import { attempt, fault, type Telemetry } from './telemetry';

/** A handler under way: the context it runs in, and how its span ends. */
export interface Operation {
  readonly context: Context;
  end(): void;
  fail(error: unknown): void;
}

/** What kafkajs passes to `eachMessage`, as far as it is read here. */
export interface MessagePayload {
  readonly topic: string;
  readonly partition: number;
  readonly message: { readonly offset: string; readonly timestamp?: unknown };
}

/** The span around one call of `eachMessage`: one for every attempt, redeliveries included. */
export function startMessage(
  telemetry: Telemetry,
  client: ClientFacts,
  payload: MessagePayload,
  base = withoutCaller(contextApi.active()),
): Operation {
  const { topic, message } = payload;
  const { extracted, producer, handled } = readMessage(telemetry, topic, message, base);
  const { parent, links } = relate(telemetry.settings.consumerContext(topic), extracted, producer);
  return startProcess(telemetry, client, payload, {
    parent,
    links,
    through: extracted,
    handled,
  });
}

/**
 * The context that a message brings over `base`, and the producer in it. Where headers are not to be followed there is neither;
 * what stands in them is `handled` all the same, lest a handler that forwards them passes for one that sends an outbox row.
 */
export function readMessage(
  { settings }: Telemetry,
  topic: string,
  message: unknown,
  base: Context,
): { extracted: Context; producer: SpanContext | undefined; handled: SpanContext | undefined } {
  const extracted = extractFrom(message, base);
  const handled = producerOf(extracted);
  return settings.extracts(topic)
    ? { extracted, producer: handled, handled }
    : { extracted: base, producer: undefined, handled };
}

/** How a consumer span relates to what came before it. */
export interface Relation {
  readonly parent: Context;
  readonly links: readonly Link[];
  /** The context that takes the place of a span that filters leave out, so that the trace goes on through it. */
  readonly through: Context;
  /** The context that the message came with, where it is known. */
  readonly handled: SpanContext | undefined;
}

/** The parent and links of a span for one message. Baggage stays active in either case: it belongs to the message. */
export function relate(
  mode: 'parent-and-link' | 'parent' | 'link',
  extracted: Context,
  producer: SpanContext | undefined,
): Pick<Relation, 'parent' | 'links'> {
  return {
    parent: mode === 'link' ? trace.deleteSpan(extracted) : extracted,
    links: producer && mode !== 'parent' ? [{ context: producer }] : NO_LINKS,
  };
}

/** Starts the `process` span of one message, by whatever way the message came to its handler. */
export function startProcess(
  telemetry: Telemetry,
  client: ClientFacts,
  { topic, partition, message }: MessagePayload,
  { parent, links, handled, through }: Relation,
): Operation {
  const { settings } = telemetry;
  const { key, tombstone } = messageFacts(message, settings.captureKey);
  const facts = processFacts(client, topic, partition);
  facts.offset = offsetNumber(message.offset);
  facts.key = key;
  facts.tombstone = tombstone;
  const span = startSpan(telemetry, describe('process', topic, client.group, 1, message), {
    kind: SpanKind.CONSUMER,
    facts,
    client,
    links,
    parent,
  });
  runHook(telemetry, 'consumerHook', settings.consumerHook, span, () => ({
    topic,
    partition,
    message: message as unknown as KafkajsMessage,
  }));
  let context = parent;
  try {
    const own = span ? trace.setSpan(parent, span) : through;
    context = handled ? setHandled(own, handled) : own;
  } catch (error) {
    fault(telemetry, 'context', error);
  }
  return new SpanOperation(telemetry, span, 'process', context);
}

/**
 * What is true of every span that a consumer's handler gets, to be completed. Completed, not copied: adding to a fresh copy of an
 * object costs V8 more than everything else here.
 */
export function processFacts(client: ClientFacts, topic: string, partition: number): Facts {
  const leader = client.leader(topic, partition);
  return {
    operationName: undefined,
    operationType: 'process',
    destination: topic,
    partition,
    offset: undefined,
    key: undefined,
    tombstone: undefined,
    batchCount: undefined,
    group: client.group,
    clientId: client.clientId(),
    clusterId: client.clusterId(),
    serverAddress: leader?.host,
    serverPort: leader?.port,
  };
}

/** An operation that is its span; without one, where filters leave it out, it ends unseen. */
export class SpanOperation implements Operation {
  constructor(
    protected readonly telemetry: Telemetry,
    private readonly span: Span | undefined,
    private readonly type: OperationType | undefined,
    readonly context: Context,
  ) {}

  end(): void {
    this.span?.end();
  }

  fail(error: unknown): void {
    const { telemetry, span, type } = this;
    attempt(telemetry, 'process', () => {
      if (span?.isRecording()) failSpan(telemetry, span, type, error);
    });
    span?.end();
  }
}
