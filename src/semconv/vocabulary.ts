import type { AttributeValue, Attributes } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '@opentelemetry/semantic-conventions';

/**
 * What is known about an operation, in neutral terms. Nothing outside this file spells an attribute name;
 * a field that is `undefined` is simply not written.
 */
export interface Facts {
  operationName?: string | undefined;
  operationType?: OperationType | undefined;
  destination?: string | undefined;
  partition?: number | undefined;
  offset?: number | undefined;
  key?: string | undefined;
  /** Written only when true: absent means false. */
  tombstone?: boolean | undefined;
  batchCount?: number | undefined;
  group?: string | undefined;
  clientId?: string | undefined;
  clusterId?: string | undefined;
  serverAddress?: string | undefined;
  serverPort?: number | undefined;
  errorType?: string | undefined;
  transactionOutcome?: TransactionOutcome | undefined;
  /** Whether kafkajs starts a crashed consumer again. */
  restarts?: boolean | undefined;
  /** The name of a Kafka protocol API, `Produce` for example. */
  api?: string | undefined;
}

/** `messaging.operation.type` of the conventions. */
export type OperationType = 'create' | 'send' | 'process' | 'settle';

/** How a Kafka transaction ended; `unknown` when kafkajs can neither commit nor abort it any more. */
export type TransactionOutcome = 'committed' | 'aborted' | 'unknown' | 'abandoned';

type Entry = readonly [key: string, encode?: (value: never) => AttributeValue | undefined];

/**
 * Messaging conventions v1.44. None of their names is stable yet, so they are copied here instead of imported
 * from the `/incubating` entry, which may break in a minor release; a test compares them with it.
 */
const V1_44 = {
  operationName: [['messaging.operation.name']],
  operationType: [['messaging.operation.type']],
  destination: [['messaging.destination.name']],
  partition: [
    ['messaging.destination.partition.id', (partition: number) => String(partition)],
    ['messaging.kafka.partition'],
  ],
  offset: [['messaging.kafka.offset']],
  key: [['messaging.kafka.message.key']],
  tombstone: [['messaging.kafka.message.tombstone', (tombstone: boolean) => tombstone || undefined]],
  batchCount: [['messaging.batch.message_count']],
  group: [['messaging.consumer.group.name']],
  clientId: [['messaging.client.id']],
  clusterId: [['messaging.kafka.cluster.id']],
  serverAddress: [[ATTR_SERVER_ADDRESS]],
  serverPort: [[ATTR_SERVER_PORT]],
  errorType: [[ATTR_ERROR_TYPE]],
  transactionOutcome: [['kafka.transaction.outcome']],
  restarts: [['kafka.consumer.restarts']],
  api: [['kafka.api.name']],
} as const satisfies Record<keyof Facts, readonly Entry[]>;

const SYSTEM: Attributes = { 'messaging.system': 'kafka' };

/** The attributes of an operation on Kafka: `messaging.system` and every fact that is known. */
export function messagingAttributes(facts: Facts): Attributes {
  return Object.assign({ ...SYSTEM }, attributes(facts));
}

/** Only the facts themselves: for links, and for what is learnt after a span has started. */
export function attributes(facts: Facts): Attributes {
  const written: Attributes = {};
  for (const field in facts) {
    const value = facts[field as keyof Facts];
    if (value === undefined) continue;
    for (const [key, encode] of V1_44[field as keyof Facts] as readonly Entry[]) {
      const encoded = encode ? encode(value as never) : value;
      if (encoded !== undefined) written[key] = encoded;
    }
  }
  return written;
}
