// Reads the attributes of messaging spans and metrics of version 1.24, 1.44 or 1.45 of the conventions.
// `src/semconv/vocabulary.ts` of the instrumentation writes them.
import type { Attributes, ReceivedSpan, Value } from './otlp/decode';

/** Returns the first of these attributes that exists. */
const first = (attributes: Attributes, ...names: readonly string[]): Value | undefined => {
  for (const name of names) if (attributes[name] !== undefined) return attributes[name];
  return undefined;
};

/** Returns the first of these attributes that exists. Returns '' if none exists, or if the attribute is not a string. */
export const text = (attributes: Attributes, ...names: readonly string[]): string => {
  const value = first(attributes, ...names);
  return typeof value === 'string' ? value : '';
};

export const topicOf = (attributes: Attributes): string => text(attributes, 'messaging.destination.name');

export const groupOf = (attributes: Attributes): string =>
  text(attributes, 'messaging.consumer.group.name', 'messaging.kafka.consumer.group');

export const clientIdOf = (attributes: Attributes): string =>
  text(attributes, 'messaging.client.id', 'messaging.client_id');

export const keyOf = (attributes: Attributes): string =>
  text(attributes, 'kafka.message.key', 'messaging.kafka.message.key');

export const partitionOf = (attributes: Attributes): string => {
  const names = ['messaging.destination.partition.id', 'messaging.kafka.destination.partition'];
  const value = first(attributes, ...names);
  return typeof value === 'number' ? String(value) : text(attributes, ...names);
};

export const offsetOf = (attributes: Attributes): Value | undefined =>
  first(attributes, 'kafka.offset', 'messaging.kafka.offset', 'messaging.kafka.message.offset');

export const batchSizeOf = (attributes: Attributes): Value | undefined =>
  attributes['messaging.batch.message_count'];

/**
 * Whether the messages of a span count as sent or as processed. Undefined for the span of a created message, because
 * the send span counts the message.
 */
export function operationOf({ kind, attributes }: ReceivedSpan): 'send' | 'process' | undefined {
  const type = first(attributes, 'messaging.operation.type', 'messaging.operation');
  if (type === 'send' || type === 'publish') return 'send';
  if (type === 'process') return 'process';
  return type === undefined && kind === 'PRODUCER' ? 'send' : undefined;
}
