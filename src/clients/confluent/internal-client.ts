import type { Assignment, CommittedPartition, ConsumerEvents } from '../../core/port';
import type { Runtime } from '../../runtime';
import { attempt, logFault } from '../../support/guard';
import { isMethod, wrapMethod, type Methods } from '../../support/wrap';

/**
 * Observes the consumer of librdkafka's binding, which the promise API uses internally, because the promise API itself has no
 * events. Nothing in this file sends a request to a broker.
 */

interface StoredOffset extends CommittedPartition {
  /** The next offset to process. */
  readonly offset: number;
}

/** The offsets of a consumer that are needed to trace its commits. */
export interface Offsets {
  /** Partitions with an offset that is stored in librdkafka but not committed yet. */
  readonly stored: Map<string, StoredOffset>;
  /**
   * The objects that were passed to `seek`. After a seek, the library itself commits them. Such a commit is not one of the program and
   * gets no span.
   */
  readonly sought: WeakSet<object>;
}

const keyOf = ({ topic, partition }: CommittedPartition): string => `${topic}|${String(partition)}`;

/** Reports each assignment that the consumer gets. For each new assignment, the library calls exactly one of these methods. */
export function observeAssignment(runtime: Runtime, internal: Methods, events: ConsumerEvents): void {
  for (const method of ['assign', 'incrementalAssign'])
    observe(runtime, internal, method, () => {
      const assignment = assignmentOf(internal);
      if (assignment) events.joined(assignment);
    });
}

/** Records the offsets that were stored for a commit, so that a commit span can name its partitions, and the positions of seeks. */
export function observeOffsets(runtime: Runtime, internal: Methods, { stored, sought }: Offsets): void {
  // The last key is cached, because this is called for each message and building a key costs time.
  let last: (CommittedPartition & { readonly key: string }) | undefined;
  observe(runtime, internal, '_offsetsStoreSingle', (topic: string, partition: number, offset: number) => {
    if (last?.partition !== partition || last.topic !== topic)
      last = { topic, partition, key: keyOf({ topic, partition }) };
    stored.set(last.key, { topic, partition, offset });
  });
  observe(runtime, internal, 'seek', (position: object) => {
    sought.add(position);
  });
  // librdkafka drops the stored offset of a partition that is taken away.
  observe(runtime, internal, 'unassign', () => {
    stored.clear();
  });
  observe(runtime, internal, 'incrementalUnassign', (partitions: readonly CommittedPartition[]) => {
    for (const partition of partitions) stored.delete(keyOf(partition));
  });
  const { on } = internal;
  if (!isMethod(on)) return;
  // Reports automatic commits too. The event lists all assigned partitions. A partition that was not committed has no offset.
  on.call(internal, 'offset.commit', (error: unknown, partitions: readonly Partial<StoredOffset>[]) => {
    attempt(runtime, 'offset.commit', () => {
      if (error) return;
      for (const { topic = '', partition = -1, offset = -1 } of partitions) {
        const key = keyOf({ topic, partition });
        if ((stored.get(key)?.offset ?? Infinity) <= offset) stored.delete(key);
      }
    });
  });
}

/** Calls the observer after each call, with the arguments of that call. */
function observe(
  runtime: Runtime,
  internal: Methods,
  name: string,
  observer: (...args: never[]) => void,
): void {
  wrapMethod(
    internal,
    name,
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const result = original.apply(this, args);
        try {
          observer(...(args as never[]));
        } catch (error) {
          logFault(runtime, name, error);
        }
        return result;
      },
  );
}

/** The partitions that are assigned to the consumer. `undefined` when it is not connected. */
export function assignmentOf(internal: Methods): Assignment | undefined {
  const { isConnected, assignments } = internal;
  if (!isMethod(isConnected) || !isMethod(assignments) || isConnected.call(internal) !== true)
    return undefined;
  let partitions: readonly CommittedPartition[];
  try {
    partitions = assignments.call(internal) as readonly CommittedPartition[];
  } catch {
    // While the consumer disconnects, it still counts as connected, but it has left its group.
    return undefined;
  }
  const assignment: Record<string, number[]> = Object.create(null) as Record<string, number[]>;
  for (const { topic, partition } of partitions) (assignment[topic] ??= []).push(partition);
  return assignment;
}

/** The lowest offset of a partition and the offset after its last message, as cached by librdkafka. */
export function watermarksOf(
  internal: Methods,
  topic: string,
  partition: number,
): { readonly low: number | undefined; readonly high: number | undefined } | undefined {
  const { getWatermarkOffsets } = internal;
  if (!isMethod(getWatermarkOffsets)) return undefined;
  try {
    const { lowOffset, highOffset } = getWatermarkOffsets.call(internal, topic, partition) as {
      lowOffset: number;
      highOffset: number;
    };
    // librdkafka returns a negative number while an offset is unknown.
    return { low: lowOffset < 0 ? undefined : lowOffset, high: highOffset < 0 ? undefined : highOffset };
  } catch {
    // The consumer is not connected any more.
    return undefined;
  }
}
