import type { Assignment, CommittedPartition, ConsumerEvents } from '../../core/port';
import type { Runtime } from '../../runtime';
import { attempt, logFault } from '../../support/guard';
import { isMethod, wrapMethod, type Methods } from '../../support/wrap';

/**
 * The promise API has no events, so this file observes the librdkafka consumer inside a consumer of the promise API. Nothing
 * in this file sends a request to a broker.
 */

interface StoredOffset extends CommittedPartition {
  /** The next offset to process. */
  readonly offset: number;
}

export interface Offsets {
  /** Offsets that librdkafka has stored but not committed yet, by partition. */
  readonly stored: Map<string, StoredOffset>;
  /**
   * The objects that were passed to `seek`. After a seek, the library itself passes the same objects to
   * `commitOffsets`. Such a commit gets no span, because the program did not call it.
   */
  readonly sought: WeakSet<object>;
}

const keyOf = ({ topic, partition }: CommittedPartition): string => `${topic}|${String(partition)}`;

/**
 * Reports each new assignment of the consumer. For each assignment, the library calls either `assign` or `incrementalAssign`.
 */
export function observeAssignment(runtime: Runtime, internal: Methods, events: ConsumerEvents): void {
  for (const method of ['assign', 'incrementalAssign'])
    observe(runtime, internal, method, () => {
      const assignment = assignmentOf(internal);
      if (assignment) events.joined(assignment);
    });
}

/** Keeps track of stored offsets, so that a commit span can name its partitions. Also keeps track of seeks. */
export function observeOffsets(runtime: Runtime, internal: Methods, { stored, sought }: Offsets): void {
  // The last partition and its key are cached, because the observer runs for each message and building a key costs
  // time.
  let last: (CommittedPartition & { readonly key: string }) | undefined;
  observe(runtime, internal, '_offsetsStoreSingle', (topic: string, partition: number, offset: number) => {
    if (last?.partition !== partition || last.topic !== topic)
      last = { topic, partition, key: keyOf({ topic, partition }) };
    stored.set(last.key, { topic, partition, offset });
  });
  observe(runtime, internal, 'seek', (position: object) => {
    sought.add(position);
  });
  // When a partition is taken away, librdkafka drops its stored offset.
  observe(runtime, internal, 'unassign', () => {
    stored.clear();
  });
  observe(runtime, internal, 'incrementalUnassign', (partitions: readonly CommittedPartition[]) => {
    for (const partition of partitions) stored.delete(keyOf(partition));
  });
  const { on } = internal;
  if (!isMethod(on)) return;
  // This event also reports automatic commits. It lists all assigned partitions. Partitions that were not committed have no
  // offset.
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

export function assignmentOf(internal: Methods): Assignment | undefined {
  const { isConnected, assignments } = internal;
  if (!isMethod(isConnected) || !isMethod(assignments) || isConnected.call(internal) !== true)
    return undefined;
  let partitions: readonly CommittedPartition[];
  try {
    partitions = assignments.call(internal) as readonly CommittedPartition[];
  } catch {
    // A consumer that is disconnecting still counts as connected, but it has already left its group.
    return undefined;
  }
  const assignment: Record<string, number[]> = Object.create(null) as Record<string, number[]>;
  for (const { topic, partition } of partitions) (assignment[topic] ??= []).push(partition);
  return assignment;
}

/** The offset of the first message in a partition and the offset after the last one, as cached by librdkafka. */
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
    // An offset is negative while librdkafka does not know it.
    return { low: lowOffset < 0 ? undefined : lowOffset, high: highOffset < 0 ? undefined : highOffset };
  } catch {
    // The consumer is not connected any more.
    return undefined;
  }
}
