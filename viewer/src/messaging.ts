// What the attributes of messaging spans and metrics say, whatever version of the conventions they follow: 1.24, 1.44 or 1.45.
// `src/semconv/vocabulary.ts` of the instrumentation writes them.
import type { Attributes, ReceivedSpan, Value } from './otlp/decode';

/** The first of these attributes that exists. */
const first = (attributes: Attributes, ...names: readonly string[]): Value | undefined => {
  for (const name of names) if (attributes[name] !== undefined) return attributes[name];
  return undefined;
};

/** The first of these attributes that exists, as text. Empty if it is missing or not a text. */
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

/** Whether a span counts sent or processed messages. A span of a created message does not: the send counts it. */
export function operationOf({ kind, attributes }: ReceivedSpan): 'send' | 'process' | undefined {
  const type = first(attributes, 'messaging.operation.type', 'messaging.operation');
  if (type === 'send' || type === 'publish') return 'send';
  if (type === 'process') return 'process';
  return type === undefined && kind === 'PRODUCER' ? 'send' : undefined;
}
