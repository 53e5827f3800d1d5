import { SpanKind, trace, type Context, type Link, type SpanContext } from '@opentelemetry/api';
import type { KafkajsMessage } from '../config/options';
import { keptContexts } from '../propagation/inject';
import type { Runtime } from '../runtime';
import type { ClientInfo, TopicMessages } from './port';
import { describeMessages, MAX_LINKS, runHook, startSpan, commonPartition, messageFacts } from './span';

/** A call with more messages gets no create spans, as with `producerSpans: 'call'`. */
const MAX_CREATE_SPANS = 128;

/** For one entry: the contexts of those messages that do not carry the context of the send span. */
export interface MessageContexts {
  /** By index of the message: the context in its existing headers, if it keeps them. Such a message gets no new headers. */
  readonly kept: readonly (SpanContext | undefined)[] | undefined;
  /** By index of the message: the context of its `create` span. */
  readonly created: readonly (Context | undefined)[] | undefined;
}

/**
 * For each entry, the contexts of messages that do not carry the send span's context, because they keep their headers or have
 * a `create` span. `undefined` if all messages carry the context of the send span, which is the usual case.
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

/** True if every message of a call gets a `create` span. */
function makesCreateSpans({ settings }: Runtime, entries: readonly TopicMessages[], count: number): boolean {
  return (
    settings.producerSpans === 'message' &&
    count <= MAX_CREATE_SPANS &&
    entries.every(({ topic }) => settings.injects(topic))
  );
}

/** Creates a `create` span per message and ends it at once. The duration is on the send span. */
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
  // Copied first: `map` of a list of the program's own class would call the constructor of that class.
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
 * True if at least one message carries the context of the send span. The send span then has the kind PRODUCER, otherwise
 * CLIENT.
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

/** Links to the distinct contexts that messages carry: first the contexts of create spans, then those in kept headers. */
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
