import { SpanKind, trace, type Context, type Link, type SpanContext } from '@opentelemetry/api';
import type { KafkajsMessage } from '../config/options';
import { keptContexts } from '../propagation/inject';
import type { Runtime } from '../runtime';
import type { ClientInfo, TopicMessages } from './port';
import { describeMessages, MAX_LINKS, runHook, startSpan, commonPartition, messageFacts } from './span';

/** A call with more messages gets no `create` spans, even with `producerSpans: 'message'`. */
const MAX_CREATE_SPANS = 128;

/** The trace contexts of messages that do not carry the context of the send span. */
export interface MessageContexts {
  /**
   * One item per message: the context in the message's own trace headers, if these headers are kept. The message then gets no
   * new headers.
   */
  readonly kept: readonly (SpanContext | undefined)[] | undefined;
  /** One item per message: the context of its `create` span. */
  readonly created: readonly (Context | undefined)[] | undefined;
}

/**
 * Returns one item per entry, or `undefined` if every message carries the context of the send span, which is the usual case.
 * Messages that keep their own trace headers or have a `create` span carry another context.
 */
export function messageContexts(
  runtime: Runtime,
  client: ClientInfo,
  entries: readonly TopicMessages[],
  count: number,
  active: Context,
): readonly MessageContexts[] | undefined {
  const { settings } = runtime;
  const kept = entries.map(({ topic, messages }) =>
    settings.injects(topic)
      ? keptContexts(client.messages, messages, settings.existingContext, active)
      : undefined,
  );
  const creates = makesCreateSpans(runtime, entries, count);
  if (!creates && kept.every(contexts => contexts === undefined)) return undefined;
  return entries.map(({ topic, messages }, index) => ({
    kept: kept[index],
    created: creates ? createSpans(runtime, client, topic, messages, kept[index], active) : undefined,
  }));
}

function makesCreateSpans({ settings }: Runtime, entries: readonly TopicMessages[], count: number): boolean {
  return (
    settings.producerSpans === 'message' &&
    count <= MAX_CREATE_SPANS &&
    entries.every(({ topic }) => settings.injects(topic))
  );
}

/** Each `create` span ends at once, because the send span shows the duration. */
function createSpans(
  runtime: Runtime,
  client: ClientInfo,
  topic: string,
  messages: readonly unknown[],
  kept: readonly (SpanContext | undefined)[] | undefined,
  active: Context,
): (Context | undefined)[] {
  const { settings } = runtime;
  const reader = client.messages;
  // The spread makes a plain array. If the list has a class of the user that extends Array, `map` would call that class's
  // constructor.
  return [...messages].map((message, index) => {
    if (kept?.[index]) return undefined;
    const { key, tombstone, bodySize } = messageFacts(reader, message, settings);
    const span = startSpan(
      runtime,
      describeMessages(settings, 'create', topic, undefined, 1, reader, message),
      {
        kind: SpanKind.PRODUCER,
        facts: {
          operationName: settings.naming.operation('create'),
          operationType: 'create',
          destination: topic,
          partition: commonPartition(reader, [message]),
          key,
          tombstone,
          bodySize,
        },
        parent: active,
      },
    );
    if (!span) return undefined;
    runHook(runtime, 'producerHook', settings.producerHook, span, () => ({
      topic,
      message: message as KafkajsMessage,
      messages: [message as KafkajsMessage],
    }));
    span.end();
    return trace.setSpan(active, span);
  });
}

/**
 * True if at least one message carries the context of the send span. The conventions then require the span kind PRODUCER, and
 * CLIENT in all other cases.
 */
export function usesSendContext(
  entries: readonly TopicMessages[],
  contexts: readonly MessageContexts[],
): boolean {
  if (entries.every(({ messages }) => messages.length === 0)) return true;
  return entries.some(({ messages }, entry) =>
    messages.some((_, index) => !contexts[entry]?.kept?.[index] && !contexts[entry]?.created?.[index]),
  );
}

/**
 * Returns links to the contexts that messages carry instead of the send span's context, each context once. The number of
 * links is limited, so `create` spans come first.
 */
export function linksTo(contexts: readonly MessageContexts[]): Link[] {
  const distinct = new Map<string, Link>();
  const add = (context: SpanContext | undefined) => {
    if (context && distinct.size < MAX_LINKS)
      distinct.set(`${context.traceId}${context.spanId}`, { context });
  };
  for (const { created } of contexts)
    for (const context of created ?? []) add(context && trace.getSpanContext(context));
  for (const { kept } of contexts) for (const context of kept ?? []) add(context);
  return [...distinct.values()];
}
