import { traceCommit, tracesCommits } from '../../core/commit';
import type { ClientInfo, CommittedPartition } from '../../core/port';
import type { Runtime } from '../../runtime';
import { copySignature, isMethod, wrapMethod, type Method, type Methods } from '../../support/wrap';

/** A partition in an argument or event. In lists that kafkajs creates, the partition number is a string. */
interface NamedPartition {
  readonly topic: string;
  readonly partition: number | string;
}

/** Wraps `consumer.commitOffsets([{ topic, partition, offset }])`. */
export function wrapCommitOffsets(
  runtime: Runtime,
  consumer: Methods,
  client: ClientInfo,
  observeCommits: () => void,
): void {
  wrapMethod(
    consumer,
    'commitOffsets',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        if (tracesCommits(runtime)) observeCommits();
        const partitions = () => readable(() => partitionsIn(args[0]));
        return traceCommit(runtime, client, { partitions, isExplicit: true }, () =>
          original.apply(this, args),
        );
      },
  );
}

/**
 * Wraps `commitOffsetsIfNecessary` of an `eachBatch` payload. With an argument, it commits those offsets. Without one, it
 * commits the processed offsets if a commit is due.
 */
export function wrapCommitIfNecessary(
  runtime: Runtime,
  client: ClientInfo,
  { commitOffsetsIfNecessary, uncommittedOffsets }: Methods,
  observeCommits: () => void,
): Method | undefined {
  if (!isMethod(commitOffsetsIfNecessary)) return undefined;
  return copySignature(commitOffsetsIfNecessary, (...args) => {
    if (tracesCommits(runtime)) observeCommits();
    const isExplicit = readable(() => (args[0] as { topics?: unknown }).topics) !== undefined;
    const partitions = () =>
      readable(() =>
        partitionsOf(isExplicit ? args[0] : isMethod(uncommittedOffsets) ? uncommittedOffsets() : undefined),
      );
    return traceCommit(runtime, client, { partitions, isExplicit }, () => commitOffsetsIfNecessary(...args));
  });
}

/** Reads `[{ topic, partition }]`, the form in which the program names offsets to commit. */
export function partitionsIn(list: unknown): CommittedPartition[] {
  return (list as readonly NamedPartition[]).map(({ topic, partition }) => ({
    topic,
    partition: Number(partition),
  }));
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

/** Runs code that reads an argument of any form. `undefined` if that throws: kafkajs will refuse the argument. */
export function readable<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
