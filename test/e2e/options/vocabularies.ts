import type { ReceivedSpan } from '../../support/otlp';
import type { ComparableSpan } from '../../support/spans';

const PREFIX = 'OTEL_INSTRUMENTATION_KAFKA_';

/** The option of each vocabulary, and its attributes and names that differ from the others. */
export const VOCABULARIES = {
  '1.44': {
    env: {},
    system: ['messaging.system'],
    partition: ['messaging.kafka.partition'],
    offset: ['messaging.kafka.offset'],
    key: ['messaging.kafka.message.key'],
    cluster: ['messaging.kafka.cluster.id'],
  },
  '1.45': {
    env: { OTEL_SEMCONV_STABILITY_OPT_IN: 'http,messaging' },
    system: ['messaging.system.name'],
    partition: [],
    offset: ['kafka.offset'],
    key: ['kafka.message.key'],
    cluster: ['kafka.cluster.id'],
  },
  '1.44+1.45': {
    env: { [`${PREFIX}SEMCONV`]: '1.44+1.45' },
    system: ['messaging.system', 'messaging.system.name'],
    partition: ['messaging.kafka.partition'],
    offset: ['messaging.kafka.offset', 'kafka.offset'],
    key: ['messaging.kafka.message.key', 'kafka.message.key'],
    cluster: ['messaging.kafka.cluster.id', 'kafka.cluster.id'],
  },
} as const;
export type Vocabulary = (typeof VOCABULARIES)[keyof typeof VOCABULARIES];

export interface Location {
  readonly cluster: unknown;
  readonly leader: Readonly<Record<string, unknown>>;
}

export interface Facts {
  readonly partition?: number;
  readonly offset?: number;
  readonly key?: string;
  readonly count?: number;
  readonly group?: string;
}

/** Returns the same value under several names. */
const under = (names: readonly string[], value: unknown): Record<string, unknown> =>
  value === undefined ? {} : Object.fromEntries(names.map(name => [name, value]));

export function attributesOf(
  vocabulary: Vocabulary,
  { operation, topic, ...facts }: Facts & { readonly operation: string; readonly topic: string },
  { cluster, leader }: Location,
): ComparableSpan['attributes'] {
  const { partition, offset, key, count, group } = facts;
  const attributes = {
    ...under(vocabulary.system, 'kafka'),
    ...under(['messaging.operation.name', 'messaging.operation.type'], operation),
    ...under(['messaging.destination.name'], topic),
    ...under(['messaging.consumer.group.name'], group),
    ...under(['messaging.batch.message_count'], count),
    ...under(['messaging.destination.partition.id'], partition?.toString()),
    ...under(vocabulary.partition, partition),
    ...under(vocabulary.offset, offset),
    ...under(vocabulary.key, key),
    ...(operation === 'create'
      ? {}
      : { 'messaging.client.id': 'flow', ...under(vocabulary.cluster, cluster) }),
    ...(partition === undefined ? {} : leader),
  };
  return attributes;
}

/** `create 1 at 1` is a link with the key 1 and the offset 1 of its message. */
export function linkTo(
  text: string,
  own: (name: string) => string,
  { offset, key }: Vocabulary,
): ComparableSpan['links'][number] {
  const [to = '', at] = text.split(' at ');
  const attributes = at === undefined ? {} : { ...under(offset, Number(at)), ...under(key, at) };
  return { to: own(to), attributes: attributes as ComparableSpan['attributes'] };
}

/** The label has the role of the topic and the operation: `both send`, `link in batch 1`. */
export function label({ name, attributes }: ReceivedSpan, { key }: Vocabulary): string {
  const [, operation, role] = /^(send|create|process) (\w+)-\w+$/.exec(name) ?? [];
  if (operation === undefined || role === undefined) return name;
  if (operation === 'send') return `${role} send`;
  const message = textOf(attributes[key[0]]);
  if (operation === 'create') return `${role} create ${message}`;
  if (attributes['messaging.batch.message_count'] !== undefined) return `${role} batch`;
  const inBatch = textOf(attributes['messaging.consumer.group.name']).endsWith('-batch');
  return `${role} ${inBatch ? 'in batch' : 'message'} ${message}`;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
