import { derive } from '../propagation/copies';
import { rememberPlacement } from '../telemetry/delivery';
import { attempt, type Telemetry } from '../telemetry/telemetry';
import { isMethod, type Method, type Methods } from './types';
import { lookLike } from './wrap';

/** Everything that kafkajs reads of a producer's options. */
const OPTIONS = [
  'createPartitioner',
  'retry',
  'metadataMaxAge',
  'allowAutoTopicCreation',
  'idempotent',
  'transactionalId',
  'transactionTimeout',
  'maxInFlightRequests',
];

/** What kafkajs passes to a partitioner, as far as it is read here. */
interface Placing {
  readonly partitionMetadata: readonly { readonly partitionId?: unknown }[];
  readonly message: object;
}

/**
 * The arguments of `kafka.producer()`, with the program's partitioner watched: kafkajs drops a message for a partition that does not
 * exist without an error, and its answer does not tell how many it wrote.
 */
export function watchPartitioner(telemetry: Telemetry, args: unknown[]): unknown[] {
  const watched = attempt(telemetry, 'partitioner', () => {
    const [options] = args;
    if (typeof options !== 'object' || options === null) return undefined;
    const { createPartitioner } = options as Methods;
    if (!isMethod(createPartitioner)) return undefined;
    const create = lookLike(createPartitioner, function (this: unknown, ...given) {
      const partitioner = createPartitioner.apply(this, given);
      return isMethod(partitioner) ? watching(telemetry, partitioner) : partitioner;
    });
    return derive(options, OPTIONS, { createPartitioner: create });
  });
  return watched ? [watched, ...args.slice(1)] : args;
}

function watching(telemetry: Telemetry, partitioner: Method): Method {
  return lookLike(partitioner, function (this: unknown, ...given) {
    const partition = partitioner.apply(this, given);
    attempt(telemetry, 'partitioner', () => {
      const { partitionMetadata, message } = given[0] as Placing;
      const id = typeof partition === 'number' ? partition : Number.parseInt(String(partition), 10);
      rememberPlacement(message, exists(partitionMetadata, id) ? id : undefined);
    });
    return partition;
  });
}

/** Brokers mostly list partitions in their order. */
const exists = (partitions: Placing['partitionMetadata'], id: number): boolean =>
  partitions[id]?.partitionId === id || partitions.some(({ partitionId }) => partitionId === id);
