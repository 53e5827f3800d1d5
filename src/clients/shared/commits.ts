import type { CommittedPartition } from '../../core/port';

/** A partition in an argument or event. In lists that kafkajs itself creates, `partition` is a string. */
interface NamedPartition {
  readonly topic: string;
  readonly partition: number | string;
}

/**
 * Reads `[{ topic, partition }]`, the form in which the program names offsets to commit. Libraries read this list before the commit method
 * returns, so call this before: the program may reuse its list while the commit is pending. `undefined` if it cannot be read.
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
 * Reads `{ topics: [{ topic, partitions: [{ partition }] }] }`, the form in which kafkajs takes, lists and reports offsets.
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

/** Runs code that reads an unchecked argument. `undefined` if reading throws: kafkajs will refuse the argument. */
export function readable<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
