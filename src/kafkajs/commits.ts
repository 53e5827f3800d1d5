import { context, type Context } from '@opentelemetry/api';
import { committedOf, settling, settlingIfDue } from '../telemetry/settle';
import { isSuppressed, type ClientFacts, type Telemetry } from '../telemetry/telemetry';
import { isMethod, type Method, type Methods } from './types';
import { wrapMethod } from './wrap';

/** Offsets as kafkajs takes them in most places. */
interface OffsetsByTopic {
  readonly topics?: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number }[];
  }[];
}

/** Wraps `consumer.commitOffsets([{ topic, partition, offset }])`. */
export function instrumentCommits(telemetry: Telemetry, consumer: Methods, client: ClientFacts): void {
  wrapMethod(consumer, 'commitOffsets', original => {
    return function (this: unknown, ...args: unknown[]): unknown {
      if (isOff(telemetry)) return original.apply(this, args);
      const offsets = args[0] as
        readonly { readonly topic: string; readonly partition: number }[] | undefined;
      const committed = () => (Array.isArray(offsets) ? committedOf(client.group, offsets) : undefined);
      return settling(telemetry, client, committed, context.active(), () => original.apply(this, args));
    };
  });
}

/** Wraps `sendOffsets({ consumerGroupId, topics })` of a transaction, which commits with it. */
export function instrumentSendOffsets(
  telemetry: Telemetry,
  transaction: Methods,
  client: ClientFacts,
  active: () => Context,
): void {
  wrapMethod(transaction, 'sendOffsets', original => {
    return function (this: unknown, ...args: unknown[]): unknown {
      if (isOff(telemetry)) return original.apply(this, args);
      const committed = () => {
        const { consumerGroupId, ...offsets } = args[0] as OffsetsByTopic & { consumerGroupId?: unknown };
        return committedOf(typeof consumerGroupId === 'string' ? consumerGroupId : undefined, flat(offsets));
      };
      return settling(telemetry, client, committed, active(), () => original.apply(this, args));
    };
  });
}

/** The `commitOffsetsIfNecessary` of an `eachBatch` payload, with offsets or without. */
export function committing(
  telemetry: Telemetry,
  client: ClientFacts,
  batch: { readonly topic: string; readonly partition: number },
  original: unknown,
): Method | undefined {
  if (!isMethod(original)) return undefined;
  return (...args: unknown[]): unknown => {
    if (isOff(telemetry)) return original(...args);
    const [offsets] = args;
    if (offsets) {
      const committed = () => committedOf(client.group, flat(offsets));
      return settling(telemetry, client, committed, context.active(), () => original(...args));
    }
    // What is due then is every offset resolved so far, of this batch's partition at least.
    const committed = { group: client.group, topic: batch.topic, partition: batch.partition };
    return settlingIfDue(telemetry, client, committed, () => original(...args));
  };
}

function flat({ topics = [] }: OffsetsByTopic): { topic: string; partition: number }[] {
  return topics.flatMap(({ topic, partitions }) => partitions.map(({ partition }) => ({ topic, partition })));
}

function isOff(telemetry: Telemetry): boolean {
  return !telemetry.enabled || isSuppressed();
}
