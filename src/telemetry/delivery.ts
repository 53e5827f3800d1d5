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

/** Where a program's partitioner puts messages other than where they name; `undefined` for a partition that does not exist. */
const placements = new WeakMap<object, number | undefined>();

/** Remembers where a message goes, by the object that kafkajs has of it. */
export function rememberPlacement(message: object, partition: number | undefined): void {
  const named = partitionNamedBy(message);
  if (partition !== undefined && (named === undefined || named === partition)) placements.delete(message);
  else placements.set(message, partition);
}

/** Whether kafkajs drops a message without an error, as far as the program's partitioner decides that. */
const isDropped = (message: unknown): boolean =>
  placements.has(message as object) && placements.get(message as object) === undefined;

/** The partition that a message is meant for, if it is known before the answer. */
const partitionOf = (message: unknown): number | undefined =>
  placements.get(message as object) ?? partitionNamedBy(message);

function partitionNamedBy(message: unknown): number | undefined {
  const named = (message as { partition?: unknown } | null)?.partition;
  return named === undefined || named === null ? undefined : Number(named);
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
  const entry = onlyEntry(topic, result);
  if (typeof entry?.partition !== 'number') return undefined;
  const { partition } = entry;
  if (messages.some(message => isDropped(message) || (partitionOf(message) ?? partition) !== partition))
    return undefined;
  const offset = messages.length === 1 ? offsetNumber(entry.baseOffset ?? entry.offset) : undefined;
  return { partition, offset };
}

function onlyEntry(topic: string, answer: readonly (RecordMetadata | null)[]): RecordMetadata | undefined {
  let only: RecordMetadata | undefined;
  for (const entry of answer) {
    if (entry?.topicName !== topic) continue;
    if (only) return undefined;
    only = entry;
  }
  return only;
}

/**
 * How many messages of a topic were written, by kafkajs's answer: those for a partition that does not exist are dropped
 * without an error, and count as little as they exist.
 *
 * @param messages - as kafkajs has them
 * @param result - `undefined` where no broker has answered
 */
export function sentCount(topic: string, messages: readonly unknown[], result: unknown): number {
  const entries = Array.isArray(result)
    ? (result as readonly (RecordMetadata | null)[]).filter(entry => entry?.topicName === topic)
    : undefined;
  if (entries?.length === 0) return 0;
  let written: Set<unknown> | undefined;
  let count = 0;
  for (const message of messages) {
    if (isDropped(message)) continue;
    const partition = entries && partitionOf(message);
    if (partition === undefined) count++;
    // Few programs name partitions, and a set for the others would be most of what their sends cost here.
    else if ((written ??= new Set(entries?.map(entry => entry?.partition))).has(partition)) count++;
  }
  return count;
}

/** How kafkajs calls the arguments that it refuses, and a producer or a transaction that is over. */
const REFUSALS = new Set([
  'KafkaJSError',
  'KafkaJSNonRetriableError',
  'KafkaJSNotImplemented',
  'KafkaJSInvalidLongError',
  'KafkaJSInvalidVarIntError',
]);

/** What Node.js says of a key, a value or a header that cannot be encoded. */
const NOT_ENCODABLE = /^ERR_(INVALID_ARG|OUT_OF_RANGE|BUFFER)/;

/** Kafka's protocol, the network, or kafkajs's account of either; any other class is a fault of a program's partitioner or getter. */
const ON_THE_WAY = /^(KafkaJS\w+|[A-Z][A-Z0-9_]+)$/;

/** Whether a send that failed with this `error.type` was tried at all: kafkajs refuses some calls before it asks a broker. */
export function wasAttempted(errorType: string): boolean {
  return ON_THE_WAY.test(errorType) && !REFUSALS.has(errorType) && !NOT_ENCODABLE.test(errorType);
}
