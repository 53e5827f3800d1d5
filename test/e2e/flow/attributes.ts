import { leaderAttributes } from '../../support/topics';
import { KAFKAJS, type Client } from './client';

export interface Expected {
  readonly partition?: number;
  readonly offset?: number;
  readonly key?: string;
  readonly tombstone?: true;
  /** Bytes of the value, with `captureSizes`. */
  readonly size?: number;
  /** Number of messages, if the span is for several. */
  readonly count?: number;
  readonly error?: string;
  /** Default: true if the partition is known. */
  readonly leader?: false;
}

/** All attributes of a span; attributes without a parameter must be absent. */
export type ExpectedAttributes = (
  operation: 'send' | 'process' | 'create',
  topic: string | undefined,
  expected?: Expected,
) => Record<string, unknown>;

/**
 * Reads cluster id and leader addresses from Kafka. Spans with a known partition have the address of its leader. The consumer group
 * has the name of the topic, unless `group` is given.
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

/** The attributes for the cluster and for the leader of a partition, as far as the client knows them. */
export async function clusterAttributes(anyTopic: string, { knowsCluster }: Client) {
  if (!knowsCluster) return { cluster: {}, leader: {} };
  const { 'messaging.kafka.cluster.id': id, ...leader } = await leaderAttributes(anyTopic);
  return { cluster: { 'messaging.kafka.cluster.id': id }, leader };
}
