import { SpanKind, trace, type Context, type Span } from '@opentelemetry/api';
import type { KafkajsMessage } from '../config/hooks';
import { layered } from '../propagation/layered';
import type { Facts } from '../semconv/vocabulary';
import type { ClientFacts } from './client';
import { carriedBy, carriesOwn, linksTo, type Carried } from './carried';
import { certainDelivery } from './delivery';
import { failSpan } from './failure';
import { runHook } from './hooks';
import { messageFacts, namedPartition } from './message';
import type { Outgoing } from './send';
import { describe, startSpan } from './span';
import { attempt, fault, type Telemetry } from './telemetry';

/** The span of what a call sends to one topic; without a topic, of a call to very many. */
export class TopicSend {
  readonly #span: Span | undefined;
  /** What a message carries that keeps nothing and has no span of its own. */
  readonly #own: Context;
  /** For each entry; `undefined` where all messages of all entries carry the send's context. */
  readonly #carried: readonly Carried[] | undefined;
  readonly #clientId: string | undefined;
  readonly #clusterId: string | undefined;

  constructor(
    private readonly telemetry: Telemetry,
    private readonly client: ClientFacts,
    private readonly topic: string | undefined,
    private readonly entries: readonly Outgoing[],
    active: Context,
  ) {
    const { settings } = telemetry;
    const messages = messagesOf(entries);
    const single = messages.length === 1 ? messages[0] : undefined;
    const count = isMalformed(entries) ? undefined : messages.length;
    const carried = carriedBy(telemetry, entries, messages.length, active);
    const { key, tombstone } = messageFacts(single, settings.captureKey);
    const partition = topic === undefined ? undefined : namedPartition(messages);
    const leader =
      topic === undefined || partition === undefined ? undefined : client.leader(topic, partition);
    this.#carried = carried;
    this.#clientId = client.clientId();
    this.#clusterId = client.clusterId();
    const span = startSpan(
      telemetry,
      describe('send', topic, undefined, count, count === 1 ? single : undefined),
      {
        kind: carriesOwn(entries, carried) ? SpanKind.PRODUCER : SpanKind.CLIENT,
        facts: {
          operationName: undefined,
          operationType: 'send',
          destination: topic,
          partition,
          offset: undefined,
          key,
          tombstone,
          batchCount: count === 1 ? undefined : count,
          group: undefined,
          clientId: this.#clientId,
          clusterId: this.#clusterId,
          serverAddress: leader?.host,
          serverPort: leader?.port,
        },
        client,
        links: carried && linksTo(carried),
        parent: active,
      },
    );
    runHook(telemetry, 'producerHook', settings.producerHook, span, () => ({
      topic: topic ?? entries[0]?.topic ?? '',
      message: messages[0] as KafkajsMessage,
      messages: messages as readonly KafkajsMessage[],
    }));
    this.#span = span;
    // Without a span of its own, the message carries on what surrounds the call.
    this.#own = (span && attempt(telemetry, 'context', () => trace.setSpan(layered(active), span))) ?? active;
  }

  /** The context that a message carries to its consumer; `undefined` where it keeps its own headers. */
  contextFor(entry: Outgoing, message: number): Context | undefined {
    const carried = this.#carried?.[this.entries.indexOf(entry)];
    if (!carried) return this.#own;
    return carried.kept?.[message] ? undefined : (carried.created?.[message] ?? this.#own);
  }

  end(result: unknown): void {
    this.#finish(span => {
      const facts = this.#delivered(result);
      if (facts) span.setAttributes(this.telemetry.settings.vocabulary.varyingAttributes(facts));
    });
  }

  fail(error: unknown): void {
    this.#finish(span => {
      failSpan(this.telemetry, span, 'send', error);
    });
  }

  #finish(last: (span: Span) => void): void {
    const { telemetry } = this;
    const span = this.#span;
    if (!span) return;
    try {
      if (span.isRecording()) {
        this.#learn(span);
        last(span);
      }
    } catch (error) {
      fault(telemetry, 'send', error);
    }
    try {
      span.end();
    } catch (error) {
      fault(telemetry, 'send', error);
    }
  }

  /** The first send of a producer is what makes kafkajs ask for its cluster. */
  #learn(span: Span): void {
    const clientId = this.client.clientId();
    const clusterId = this.client.clusterId();
    if (clientId === this.#clientId && clusterId === this.#clusterId) return;
    span.setAttributes(this.telemetry.settings.vocabulary.attributes({ clientId, clusterId }));
  }

  /** What the broker's answer adds: known only once the partitioner has run and the record is written. */
  #delivered(result: unknown): Facts | undefined {
    const { topic, client } = this;
    if (topic === undefined) return undefined;
    const delivery = certainDelivery(topic, sentBy(this.entries), result);
    if (!delivery) return undefined;
    const { partition, offset } = delivery;
    const leader = client.leader(topic, partition);
    return { partition, offset, serverAddress: leader?.host, serverPort: leader?.port };
  }
}

function messagesOf(entries: readonly Outgoing[]): readonly unknown[] {
  return entries.length === 1 ? (entries[0]?.messages ?? []) : entries.flatMap(({ messages }) => messages);
}

/** The messages as kafkajs got them. */
function sentBy(entries: readonly Outgoing[]): readonly unknown[] {
  const [first] = entries;
  return first && entries.length === 1
    ? (first.sent ?? first.messages)
    : entries.flatMap(({ messages, sent = messages }) => sent);
}

/** Whether kafkajs will refuse the call, so that nobody can say how many messages it has. */
function isMalformed(entries: readonly Outgoing[]): boolean {
  for (const entry of entries) if (entry.isMalformed) return true;
  return entries.length === 0;
}
