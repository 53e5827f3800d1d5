import { SpanKind, trace, type Context, type Link, type Span, type SpanContext } from '@opentelemetry/api';
import { keptContexts } from '../propagation/existing';
import type { Facts } from '../semconv/vocabulary';
import type { KafkajsMessage } from '../config/options';
import { failSpan } from './failure';
import { runHook } from './hooks';
import { createSpans } from './create';
import { messageFacts, namedPartition } from './message';
import { certainDelivery } from './delivery';
import { describe, startSpan } from './span';
import type { Ending } from './within';
import type { ClientFacts } from './client';
import { attempt, type Telemetry } from './telemetry';

/** Topics in one call above which it gets a single span: a fan-out to hundreds of topics is one operation to its reader. */
const MAX_TOPICS = 16;

/** Messages in one call above which `producerSpans: 'message'` falls back to one span per call and topic. */
const MAX_CREATE_SPANS = 128;

/** Links on one span: the SDK's own default limit. */
export const MAX_LINKS = 128;

/** The messages of one topic in a call. A call may name a topic several times; kafkajs merges those, in order. */
export interface Outgoing {
  readonly topic: string;
  /** Empty also where kafkajs will refuse what stands in their place. */
  readonly messages: readonly unknown[];
  readonly isMalformed?: boolean;
}

/** A send under way: one or more spans, and what each message is to carry. */
export interface SendOperation extends Ending {
  /** What each of its spans goes to. */
  readonly destinations: readonly (string | undefined)[];
  /** The context that a message carries to its consumer; `undefined` where it keeps its own headers. */
  contextFor(entry: Outgoing, message: number): Context | undefined;
}

/**
 * Starts the spans of a `send()` or `sendBatch()`: one per topic, or a single one without a destination.
 *
 * @param entries - what the call sends; empty where its arguments are such that kafkajs will reject them
 */
export function startSend(
  telemetry: Telemetry,
  client: ClientFacts,
  entries: readonly Outgoing[],
  active: Context,
): SendOperation {
  const topics = new Set(entries.map(entry => entry.topic));
  const shared = topics.size > MAX_TOPICS || topics.size === 0;
  const destinations = shared ? [undefined] : [...topics];
  const sends = destinations.flatMap(topic => {
    const ofTopic = topic === undefined ? entries : entries.filter(entry => entry.topic === topic);
    const start = (those: readonly Outgoing[]) => startTopic(telemetry, client, topic, those, active);
    // Messages that cannot even be looked at (a getter throws) will fail in kafkajs too, and that is to be told.
    return attempt(telemetry, 'send', () => start(ofTopic)) ?? orNone(() => start([]));
  });
  const contexts = new Map(sends.flatMap(send => [...send.contexts]));
  const finish = (last: (span: Span, send: TopicSend) => void) => {
    for (const send of sends) {
      const { span } = send;
      if (!span) continue;
      attempt(telemetry, 'send', () => {
        if (span.isRecording()) last(span, send);
      });
      attempt(telemetry, 'send', () => {
        span.end();
      });
    }
  };
  return {
    destinations,
    contextFor: (entry, message) => contexts.get(entry)?.(message),
    end(result) {
      const { vocabulary } = telemetry.settings;
      finish((span, send) => span.setAttributes(vocabulary.attributes(deliveredFacts(client, send, result))));
    },
    fail(error) {
      const { vocabulary } = telemetry.settings;
      finish(span => {
        span.setAttributes(vocabulary.attributes(clientFacts(client)));
        failSpan(telemetry, span, 'send', error);
      });
    },
  };
}

/** A second try, after the cause of the first one's failure has been logged. */
function orNone(start: () => TopicSend): TopicSend[] {
  try {
    return [start()];
  } catch {
    return [];
  }
}

interface TopicSend {
  readonly topic: string | undefined;
  readonly messages: readonly unknown[];
  readonly span: Span | undefined;
  /** For each entry, the context that the message of an index carries. */
  readonly contexts: readonly (readonly [Outgoing, (message: number) => Context | undefined])[];
}

function startTopic(
  telemetry: Telemetry,
  client: ClientFacts,
  topic: string | undefined,
  entries: readonly Outgoing[],
  active: Context,
): TopicSend {
  const { settings } = telemetry;
  const messages =
    entries.length === 1 ? (entries[0]?.messages ?? []) : entries.flatMap(entry => entry.messages);
  const isMalformed = entries.length === 0 || entries.some(entry => entry.isMalformed);
  const count = isMalformed ? undefined : messages.length;
  const operation = describe('send', topic, undefined, count, count === 1 ? messages[0] : undefined);
  const kept = entries.map(entry =>
    settings.injects(entry.topic)
      ? keptContexts(entry.messages, settings.existingContext, active)
      : undefined,
  );
  const created =
    settings.producerSpans === 'message' &&
    messages.length <= MAX_CREATE_SPANS &&
    entries.every(entry => settings.injects(entry.topic))
      ? entries.map((entry, index) =>
          createSpans(telemetry, entry.topic, entry.messages, kept[index], active),
        )
      : undefined;
  const links = linksTo([
    ...(created ?? []).flatMap(contexts => contexts.map(context => context && trace.getSpanContext(context))),
    ...kept.flatMap(spans => spans ?? []),
  ]);
  // A message carries the send's own context unless it keeps one or has a create span, which a filter may have left out.
  const carriesOwn = entries.some((entry, index) =>
    entry.messages.some((_, message) => !kept[index]?.[message] && !created?.[index]?.[message]),
  );
  const facts = startFacts(telemetry, client, topic, messages);
  facts.batchCount = count === 1 ? undefined : count;
  const span = startSpan(telemetry, operation, {
    kind: messages.length === 0 || carriesOwn ? SpanKind.PRODUCER : SpanKind.CLIENT,
    facts,
    links,
    parent: active,
  });
  runHook(telemetry, 'producerHook', settings.producerHook, span, () => ({
    topic: topic ?? entries[0]?.topic ?? '',
    message: messages[0] as KafkajsMessage,
    messages: messages as readonly KafkajsMessage[],
  }));
  // Without a span of its own, the message carries on what surrounds the call.
  const own = (span && attempt(telemetry, 'context', () => trace.setSpan(active, span))) ?? active;
  const contexts = entries.map((entry, index) => {
    const spans = kept[index];
    const creates = created?.[index];
    return [
      entry,
      (message: number) => (spans?.[message] ? undefined : (creates?.[message] ?? own)),
    ] as const;
  });
  return { topic, messages, span, contexts };
}

function startFacts(
  telemetry: Telemetry,
  client: ClientFacts,
  topic: string | undefined,
  messages: readonly unknown[],
): Facts {
  const single = messages.length === 1;
  const { key, tombstone } = messageFacts(single ? messages[0] : undefined, telemetry.settings.captureKey);
  const partition = topic === undefined ? undefined : namedPartition(messages);
  const leader = topic === undefined || partition === undefined ? undefined : client.leader(topic, partition);
  return {
    operationType: 'send',
    destination: topic,
    partition,
    key,
    tombstone,
    clientId: client.clientId(),
    clusterId: client.clusterId(),
    serverAddress: leader?.host,
    serverPort: leader?.port,
  };
}

/** The first send of a producer is what makes kafkajs ask for its cluster. */
function clientFacts(client: ClientFacts): Facts {
  return { clientId: client.clientId(), clusterId: client.clusterId() };
}

/** What the broker's answer adds: known only once the partitioner has run and the record is written. */
function deliveredFacts(client: ClientFacts, { topic, messages }: TopicSend, result: unknown): Facts {
  const facts = clientFacts(client);
  const delivery = topic === undefined ? undefined : certainDelivery(topic, messages, result);
  if (topic === undefined || !delivery) return facts;
  const leader = client.leader(topic, delivery.partition);
  return Object.assign(facts, delivery, { serverAddress: leader?.host, serverPort: leader?.port });
}

function linksTo(spans: readonly (SpanContext | undefined)[]): Link[] {
  const distinct = new Map<string, Link>();
  for (const context of spans) {
    if (context && distinct.size < MAX_LINKS)
      distinct.set(`${context.traceId}${context.spanId}`, { context });
  }
  return [...distinct.values()];
}
