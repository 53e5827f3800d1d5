import type { Runtime } from '../../runtime';
import { derive, isObject } from '../../support/copies';
import { attempt } from '../../support/guard';
import { copySignature, isMethod, type Method } from '../../support/wrap';
import { rememberChoice } from './client';

/** The properties that kafkajs reads from a producer's options. */
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

/** Recorded if the partitioner chooses a partition that does not exist. */
const NO_PARTITION = -1;

/**
 * Returns the arguments of `kafka.producer()` with a wrapper around the program's partitioner. kafkajs silently drops a
 * message if the chosen partition does not exist, and its result does not say how many messages were written. To count the
 * written messages, the wrapper records the choices.
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
      // The fast check comes first: brokers mostly list partitions in order.
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
