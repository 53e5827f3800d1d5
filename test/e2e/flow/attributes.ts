import { leaderAttributes } from '../../support/topics';

export interface Expected {
  readonly partition?: number;
  readonly offset?: number;
  readonly key?: string;
  readonly tombstone?: true;
  /** Number of messages, where the span stands for several. */
  readonly count?: number;
  readonly error?: string;
  /** Default: wherever the partition is known. */
  readonly leader?: false;
}

/** Gives all attributes of a span of the programs here; whatever is not named must be absent. */
export type ExpectedAttributes = (
  operation: 'send' | 'process' | 'create',
  topic: string | undefined,
  expected?: Expected,
) => Record<string, unknown>;

/**
 * Asks Kafka where it is. The leader of a partition is named wherever the partition is known, and a consumer's group is called
 * like its topic unless `group` says otherwise.
 */
export async function expectedAttributes(
  anyTopic: string,
  group: (topic: string) => string = topic => topic,
): Promise<ExpectedAttributes> {
  const { 'messaging.kafka.cluster.id': cluster, ...leader } = await leaderAttributes(anyTopic);
  return (operation, topic, { partition, offset, key, tombstone, count, error, leader: hasLeader } = {}) => ({
    'messaging.system': 'kafka',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    ...(topic === undefined ? {} : { 'messaging.destination.name': topic }),
    ...(operation === 'create'
      ? {}
      : { 'messaging.client.id': 'flow', 'messaging.kafka.cluster.id': cluster }),
    ...(operation === 'process' && topic !== undefined
      ? { 'messaging.consumer.group.name': group(topic) }
      : {}),
    ...(partition === undefined
      ? {}
      : {
          'messaging.destination.partition.id': String(partition),
          'messaging.kafka.partition': partition,
          ...(operation === 'create' || hasLeader === false ? {} : leader),
        }),
    ...(offset === undefined ? {} : { 'messaging.kafka.offset': offset }),
    ...(key === undefined ? {} : { 'messaging.kafka.message.key': key }),
    ...(tombstone ? { 'messaging.kafka.message.tombstone': true } : {}),
    ...(count === undefined ? {} : { 'messaging.batch.message_count': count }),
    ...(error === undefined ? {} : { 'error.type': error }),
  });
}
