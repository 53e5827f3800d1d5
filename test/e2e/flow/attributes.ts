import { leaderAttributes } from '../../support/topics';
import { KAFKAJS, type Client } from './client';

export interface Expected {
  readonly partition?: number;
  readonly offset?: number;
  readonly key?: string;
  readonly tombstone?: true;
  /** Size of the value in bytes, with `captureSizes`. */
  readonly size?: number;
  /** Number of messages, if the span is for several. */
  readonly count?: number;
  readonly error?: string;
  /** Default: true if the partition is known. */
  readonly leader?: false;
}

/** Returns all attributes of a span. Attributes without a parameter must be absent. */
export type ExpectedAttributes = (
  operation: 'send' | 'process' | 'create',
  topic: string | undefined,
  expected?: Expected,
) => Record<string, unknown>;

/**
 * Reads the cluster id and the addresses of leaders from Kafka. A span with a known partition must have the address of
 * its leader. The consumer group has the name of the topic, unless `group` is given.
 */
export async function expectedAttributes(
  anyTopic: string,
  group: (topic: string) => string = topic => topic,
  client: Client = KAFKAJS,
): Promise<ExpectedAttributes> {
  const { cluster, leader } = await clusterAttributes(anyTopic, client);
  return (
    operation,
    topic,
    { partition, offset, key, tombstone, size, count, error, leader: hasLeader } = {},
  ) => ({
    'messaging.system': 'kafka',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    ...(topic === undefined ? {} : { 'messaging.destination.name': topic }),
    ...(operation === 'create' ? {} : { 'messaging.client.id': 'flow', ...cluster }),
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
    ...(size === undefined ? {} : { 'messaging.message.body.size': size }),
    ...(count === undefined ? {} : { 'messaging.batch.message_count': count }),
    ...(error === undefined ? {} : { 'error.type': error }),
  });
}

/** The attributes of the cluster and of the leader of a partition, if the client knows them. */
export async function clusterAttributes(anyTopic: string, { knowsCluster }: Client) {
  if (!knowsCluster) return { cluster: {}, leader: {} };
  const { 'messaging.kafka.cluster.id': id, ...leader } = await leaderAttributes(anyTopic);
  return { cluster: { 'messaging.kafka.cluster.id': id }, leader };
}
