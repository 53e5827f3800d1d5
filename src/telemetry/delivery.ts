import { offsetNumber } from './message';

/** Where the messages of one topic were written, as far as that is certain. */
export interface Delivery {
  readonly partition: number;
  readonly offset: number | undefined;
}

interface RecordMetadata {
  readonly topicName?: unknown;
  readonly partition?: unknown;
  readonly baseOffset?: unknown;
  /** Brokers before 0.11. */
  readonly offset?: unknown;
}

/**
 * kafkajs answers with one entry per topic and partition written, never per message, and silently drops messages for a
 * partition that does not exist. So the partition is certain only if there is one entry and no message names another one,
 * and the offset only of a single message.
 */
export function certainDelivery(
  topic: string,
  messages: readonly unknown[],
  result: unknown,
): Delivery | undefined {
  if (!Array.isArray(result)) return undefined;
  const entries = (result as readonly (RecordMetadata | null)[]).filter(entry => entry?.topicName === topic);
  const entry = entries[0];
  if (entries.length !== 1 || typeof entry?.partition !== 'number') return undefined;
  const { partition } = entry;
  if (messages.some(message => namesAnother(message, partition))) return undefined;
  const offset = messages.length === 1 ? offsetNumber(entry.baseOffset ?? entry.offset) : undefined;
  return { partition, offset };
}

function namesAnother(message: unknown, partition: number): boolean {
  const named = (message as { partition?: unknown } | null)?.partition;
  return named !== undefined && named !== null && Number(named) !== partition;
}
