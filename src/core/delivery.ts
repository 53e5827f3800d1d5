import type { MessageReader, WrittenPartition } from './port';

/**
 * Where the messages of one topic were written, as far as the result makes certain. Client libraries report one entry per
 * topic and partition, never per message, and kafkajs silently drops messages for a partition that does not exist. So the
 * partition is certain only with one entry that no message contradicts, the offset only for a single message.
 */
export function certainDelivery(
  reader: MessageReader,
  topic: string,
  messages: readonly unknown[],
  written: readonly WrittenPartition[] | undefined,
): { readonly partition: number; readonly offset: number | undefined } | undefined {
  const entries = written?.filter(entry => entry.topic === topic) ?? [];
  const [entry] = entries;
  if (!entry || entries.length > 1) return undefined;
  const { partition, baseOffset } = entry;
  const contradicts = (message: unknown) => (reader.partition(message) ?? partition) !== partition;
  if (messages.some(contradicts)) return undefined;
  return { partition, offset: messages.length === 1 ? baseOffset : undefined };
}

/** How many messages of a topic were written. Those for a partition that does not exist are not. */
export function sentCount(
  reader: MessageReader,
  topic: string,
  messages: readonly unknown[],
  written: readonly WrittenPartition[] | undefined,
): number {
  if (!written) return messages.length;
  const partitions = written.filter(entry => entry.topic === topic).map(({ partition }) => partition);
  if (partitions.length === 0) return 0;
  let count = 0;
  for (const message of messages) {
    const chosen = reader.partition(message);
    if (chosen === undefined || partitions.includes(chosen)) count++;
  }
  return count;
}
