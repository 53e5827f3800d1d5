import {
  SpanKind,
  context as contextApi,
  trace,
  type Context,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import type { KafkajsMessage } from '../config/options';
import { setHandled } from '../propagation/existing';
import { extractFrom, producerOf, withoutCaller } from '../propagation/extract';
import type { Facts, OperationType } from '../semconv/vocabulary';
import { failSpan } from './failure';
import { runHook } from './hooks';
import { messageFacts, offsetNumber } from './message';
import { describe, startSpan } from './span';
import type { ClientFacts } from './client';
import { attempt, type Telemetry } from './telemetry';

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
export function startMessage(telemetry: Telemetry, client: ClientFacts, payload: MessagePayload): Operation {
  const { topic, message } = payload;
  const base = withoutCaller(contextApi.active());
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
  readonly links: readonly SpanContext[];
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
    links: producer && mode !== 'parent' ? [producer] : [],
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
    links: links.map(context => ({ context })),
    parent,
  });
  runHook(telemetry, 'consumerHook', settings.consumerHook, span, () => ({
    topic,
    partition,
    message: message as unknown as KafkajsMessage,
  }));
  const context = attempt(telemetry, 'context', () => {
    const own = span ? trace.setSpan(parent, span) : through;
    return handled ? setHandled(own, { has: one => isSame(one, handled) }) : own;
  });
  return operationOf(telemetry, span, 'process', context ?? parent);
}

/**
 * What is true of every span that a consumer's handler gets, to be completed. Completed, not copied: adding to a fresh copy of an
 * object costs V8 more than everything else here.
 */
export function processFacts(client: ClientFacts, topic: string, partition: number): Facts {
  const leader = client.leader(topic, partition);
  return {
    operationType: 'process',
    destination: topic,
    partition,
    group: client.group,
    clientId: client.clientId(),
    clusterId: client.clusterId(),
    serverAddress: leader?.host,
    serverPort: leader?.port,
    offset: undefined,
    key: undefined,
    tombstone: undefined,
    batchCount: undefined,
    operationName: undefined,
  };
}

export function operationOf(
  telemetry: Telemetry,
  span: Span | undefined,
  type: OperationType | undefined,
  context: Context,
): Operation {
  return {
    context,
    end: () => {
      span?.end();
    },
    fail(error) {
      attempt(telemetry, 'process', () => {
        if (span?.isRecording()) failSpan(telemetry, span, type, error);
      });
      span?.end();
    },
  };
}

const isSame = (one: SpanContext, other: SpanContext): boolean =>
  one.spanId === other.spanId && one.traceId === other.traceId;
