import type { CommittedPartition } from '../../core/port';

/** In lists that kafkajs itself creates, `partition` is a string. */
interface NamedPartition {
  readonly topic: string;
  readonly partition: number | string;
}

/**
 * Reads `[{ topic, partition }]`, the argument of `commitOffsets`. Call this before the original method, because the program
 * may change its list while the commit is pending. Returns `undefined` if the list cannot be read.
 */
export function partitionsIn(list: unknown): CommittedPartition[] | undefined {
  return readable(() =>
    (list as readonly NamedPartition[]).map(({ topic, partition }) => ({
      topic,
      partition: Number(partition),
    })),
  );
}

/**
 * Reads `{ topics: [{ topic, partitions: [{ partition }] }] }`, the form of offsets in `sendOffsets`,
 * `commitOffsetsIfNecessary` and kafkajs's events.
 */
export function partitionsOf(offsets: unknown): CommittedPartition[] | undefined {
  const { topics } = offsets as {
    readonly topics?: readonly {
      readonly topic: string;
      readonly partitions: readonly Pick<NamedPartition, 'partition'>[];
    }[];
  };
  return topics?.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition }) => ({ topic, partition: Number(partition) })),
  );
}

/**
 * Reads an argument that the program passed. Returns `undefined` if reading throws, because the library will then refuse the
 * argument.
 */
export function readable<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
