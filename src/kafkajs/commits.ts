import type { Context } from '@opentelemetry/api';
import { settling, settlingIfDone, type Offset } from '../telemetry/settle';
import type { ClientFacts } from '../telemetry/client';
import { attempt, isSuppressed, type Telemetry } from '../telemetry/telemetry';
import { isMethod, type Method, type Methods } from './types';
import { wrapMethod } from './wrap';

/** Offsets as kafkajs takes, lists and announces them in most places: partitions it has counted itself are texts there. */
export interface OffsetsByTopic {
  readonly topics?: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number | string }[];
  }[];
}

/** Wraps `consumer.commitOffsets([{ topic, partition, offset }])`. */
export function instrumentCommits(
  telemetry: Telemetry,
  consumer: Methods,
  client: ClientFacts,
  follow: () => void,
): void {
  wrapMethod(consumer, 'commitOffsets', original => {
    return function (this: unknown, ...args: unknown[]): unknown {
      if (isOff(telemetry)) return original.apply(this, args);
      follow();
      const asked = () => readable(() => (args[0] as readonly Offset[]).map(numbered));
      return settlingIfDone(telemetry, client, { asked, isDemanded: true }, () => original.apply(this, args));
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
      const named = readable(() => (args[0] as { consumerGroupId: unknown }).consumerGroupId);
      const group = typeof named === 'string' ? named : undefined;
      const offsets = readable(() => offsetsOf(args[0] as OffsetsByTopic));
      return settling(telemetry, client, { group, offsets }, active(), () => original.apply(this, args));
    };
  });
}

/** The `commitOffsetsIfNecessary` of an `eachBatch` payload: of the offsets that it is given, or of what is due. */
export function committing(
  telemetry: Telemetry,
  client: ClientFacts,
  { commitOffsetsIfNecessary: original, uncommittedOffsets }: Methods,
  follow: () => void,
): Method | undefined {
  if (!isMethod(original)) return undefined;
  // By its name and its parameters it looks like the one that it stands for.
  const commitOffsetsIfNecessary = (given: unknown, ...more: unknown[]): unknown => {
    if (isOff(telemetry)) return original(given, ...more);
    follow();
    const named = readable(() => (given as OffsetsByTopic).topics) !== undefined;
    const asked = () => {
      const offsets = named ? given : isMethod(uncommittedOffsets) ? uncommittedOffsets() : undefined;
      return readable(() => offsetsOf(offsets as OffsetsByTopic));
    };
    return settlingIfDone(telemetry, client, { asked, isDemanded: named }, () => original(given, ...more));
  };
  return commitOffsetsIfNecessary;
}

export function offsetsOf({ topics }: OffsetsByTopic): Offset[] | undefined {
  return topics?.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition }) => numbered({ topic, partition })),
  );
}

function numbered({ topic, partition }: { topic: string; partition: number | string }): Offset {
  return { topic, partition: Number(partition) };
}

/** Arguments may be anything; what kafkajs will refuse is told as a commit of nothing in particular. */
function readable<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** With neither spans nor metrics there is nobody to tell. */
function isOff(telemetry: Telemetry): boolean {
  const isTold = () => telemetry.settings.commitSpans !== 'none' || telemetry.metrics !== undefined;
  return !telemetry.enabled || isSuppressed() || attempt(telemetry, 'commit', isTold) !== true;
}
