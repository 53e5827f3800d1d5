import type { Runtime } from '../../runtime';
import { derive, isObject } from '../../support/copies';
import { attempt } from '../../support/guard';
import { copySignature, isMethod, type Method } from '../../support/wrap';
import { rememberChoice } from './client';

/** kafkajs reads these properties of the argument of `producer()`. */
const PRODUCER_OPTIONS = [
  'createPartitioner',
  'retry',
  'metadataMaxAge',
  'allowAutoTopicCreation',
  'idempotent',
  'transactionalId',
  'transactionTimeout',
  'maxInFlightRequests',
];

/** Stored as the choice if the partitioner chose a partition that does not exist. */
const NO_PARTITION = -1;

/**
 * Wraps the program's partitioner in the arguments of `kafka.producer()`, to record the partitions that it chooses.
 * They are needed because kafkajs silently drops a message for a partition that does not exist, and the result of the
 * send does not tell how many messages were written.
 */
export function observePartitioner(runtime: Runtime, args: unknown[]): unknown[] {
  const observed = attempt(runtime, 'partitioner', () => {
    const [options] = args;
    if (!isObject(options)) return undefined;
    const { createPartitioner } = options;
    if (!isMethod(createPartitioner)) return undefined;
    const create = copySignature(createPartitioner, function (this: unknown, ...given) {
      const partitioner = createPartitioner.apply(this, given);
      return isMethod(partitioner) ? observeChoices(runtime, partitioner) : partitioner;
    });
    return derive(options, PRODUCER_OPTIONS, { createPartitioner: create });
  });
  return observed ? [observed, ...args.slice(1)] : args;
}

interface Choice {
  readonly partitionMetadata: readonly { readonly partitionId?: unknown }[];
  readonly message: { readonly partition?: unknown };
}

function observeChoices(runtime: Runtime, partitioner: Method): Method {
  return copySignature(partitioner, function (this: unknown, ...given) {
    const result = partitioner.apply(this, given);
    attempt(runtime, 'partitioner', () => {
      const { partitionMetadata, message } = given[0] as Choice;
      const id = typeof result === 'number' ? result : Number.parseInt(String(result), 10);
      // Brokers mostly list the partitions in order. So the entry at index `id` is checked first, before all entries
      // are searched.
      const exists =
        partitionMetadata[id]?.partitionId === id ||
        partitionMetadata.some(({ partitionId }) => partitionId === id);
      const partition = exists ? id : NO_PARTITION;
      const named = message.partition ?? undefined;
      const isAsNamed = exists && (named === undefined || Number(named) === partition);
      rememberChoice(message, isAsNamed ? undefined : partition);
    });
    return result;
  });
}
