import { traceCommit, tracesCommits } from '../../core/commit';
import type { ClientInfo, CommittedPartition } from '../../core/port';
import type { Runtime } from '../../runtime';
import { copySignature, isMethod, wrapMethod, type Method, type Methods } from '../../support/wrap';
import { partitionsIn, partitionsOf, readable } from '../shared/commits';

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
        let named: readonly CommittedPartition[] | undefined;
        if (tracesCommits(runtime)) {
          observeCommits();
          named = partitionsIn(args[0]);
        }
        return traceCommit(runtime, client, { partitions: () => named, isExplicit: true }, () =>
          original.apply(this, args),
        );
      },
  );
}

/**
 * Wraps `commitOffsetsIfNecessary` of an `eachBatch` payload. If the program passes offsets, the method commits them.
 * Otherwise it commits the processed offsets if a commit is due.
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
