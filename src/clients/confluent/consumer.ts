import { traceCommit } from '../../core/commit';
import { TracedConsumer } from '../../core/consumer';
import { runAround } from '../../core/operation';
import type {
  BatchObserver,
  ClientInfo,
  ConsumerEvents,
  ConsumerState,
  PausedPartitions,
} from '../../core/port';
import type { Runtime } from '../../runtime';
import { isObject } from '../../support/copies';
import { attempt } from '../../support/guard';
import { copySignature, isMethod, wrapMethod, type Methods } from '../../support/wrap';
import { partitionsIn, readable } from '../shared/commits';
import { traceHandlers } from '../shared/handlers';
import { observeSeeks } from '../shared/methods';
import { internalClient } from './client';
import {
  assignmentOf,
  observeAssignment,
  observeOffsets,
  watermarksOf,
  type Offsets,
} from './internal-client';

export function instrumentConsumer(runtime: Runtime, consumer: Methods, client: ClientInfo): void {
  const traced = new TracedConsumer(runtime, client, stateOf(new WeakRef(consumer)));
  const offsets: Offsets = { stored: new Map(), sought: new WeakSet() };
  const isMeasured = runtime.metrics !== undefined;
  wrapConnect(runtime, consumer, isMeasured ? traced.events : undefined, offsets);
  if (isMeasured) {
    wrapDisconnect(runtime, consumer, traced.events);
    // The library also seeks by itself: when a handler fails, the library goes back to the message that failed.
    observeSeeks(runtime, consumer, (topic, partition, offset) => {
      const internal = internalClient(consumer);
      const lowest = offset < 0 && internal ? watermarksOf(internal, topic, partition)?.low : undefined;
      traced.events.sought(topic, partition, offset < 0 ? (lowest ?? NaN) : offset);
    });
  }
  wrapCommitOffsets(runtime, consumer, client, offsets);

  const reader = client.messages;
  const onReceived = (topic: string, partition: number, messages: readonly unknown[]): void => {
    attempt(runtime, 'metrics', () => {
      traced.events.fetched(topic, partition, {
        // The high watermark is not known yet. `reachedWatermark` reports it when metrics are collected.
        highWatermark: NaN,
        firstOffset: reader.offset(messages[0]) ?? NaN,
        lastOffset: reader.offset(messages.at(-1)) ?? NaN,
        count: messages.length,
      });
    });
  };

  wrapMethod(
    consumer,
    'run',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const config = attempt(runtime, 'run', () => {
          const [given] = args;
          if (!isObject(given)) return undefined;
          // The spread calls each getter of the program's config once. The library gets a copy without getters.
          const own = { ...given };
          const handlers = traceHandlers(runtime, traced, own, {
            onReceived: isMeasured ? onReceived : undefined,
            observePayload: (payload, observer) => observeResolved(runtime, payload, observer),
            // After a batch, the library itself calls `resolveOffset`, and our wrapper of that method reports the offset.
            resolvesAll: () => false,
          });
          return handlers && withHidden(given, { ...own, ...handlers });
        });
        return original.apply(this, config === undefined ? args : [config, ...args.slice(1)]);
      },
  );
}

/**
 * Adds the non-enumerable properties of the program's config to the copy, with the value `undefined`. The library refuses
 * certain properties, even if their value is `undefined`, so the copy must have them too.
 */
function withHidden(config: Methods, copy: Methods): Methods {
  for (const name of Object.getOwnPropertyNames(config))
    if (!Object.prototype.propertyIsEnumerable.call(config, name))
      Object.defineProperty(copy, name, { value: undefined, enumerable: false });
  return copy;
}

/**
 * Replaces `resolveOffset` in the payload to report progress. The payload is not copied, because the library calls
 * `resolveOffset` of the same object after the handler has returned.
 */
export function observeResolved(runtime: Runtime, payload: Methods, observer: BatchObserver): Methods {
  const { resolveOffset } = payload;
  let highest = -1;
  if (isMethod(resolveOffset))
    payload['resolveOffset'] = copySignature(resolveOffset, (...args) => {
      const result = resolveOffset(...args);
      attempt(runtime, 'resolveOffset', () => {
        const offset = Number(args[0]);
        // The library ignores an offset that is not higher than all earlier offsets.
        if (offset <= highest) return;
        highest = offset;
        observer.resolved(offset);
      });
      return result;
    });
  return payload;
}

function wrapConnect(
  runtime: Runtime,
  consumer: Methods,
  events: ConsumerEvents | undefined,
  offsets: Offsets,
): void {
  let observed: Methods | undefined;
  wrapMethod(
    consumer,
    'connect',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const result = original.apply(this, args);
        // `connect` creates the internal client before it returns. A second call is refused and creates no new client.
        attempt(runtime, 'connect', () => {
          const internal = internalClient(consumer);
          if (!internal || internal === observed) return;
          observed = internal;
          observeOffsets(runtime, internal, offsets);
          if (events) observeAssignment(runtime, internal, events);
        });
        return result;
      },
  );
}

function wrapDisconnect(runtime: Runtime, consumer: Methods, events: ConsumerEvents): void {
  wrapMethod(
    consumer,
    'disconnect',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const left = {
          end: () => {
            events.left();
          },
          fail: () => undefined,
        };
        return runAround(runtime, left, () => original.apply(this, args));
      },
  );
}

/** This wrapper also covers `commitOffsetsIfNecessary()` of a batch, because that method calls `commitOffsets()`. */
function wrapCommitOffsets(
  runtime: Runtime,
  consumer: Methods,
  client: ClientInfo,
  { stored, sought }: Offsets,
): void {
  wrapMethod(
    consumer,
    'commitOffsets',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const [list] = args;
        const call = () => original.apply(this, args);
        if (Array.isArray(list)) {
          // After a seek, the library itself commits the new position. The program did not call this commit.
          const isSought = () => list.length > 0 && list.every(each => isObject(each) && sought.has(each));
          if (readable(isSought)) return call();
          const named = partitionsIn(list);
          const partitions = () => named;
          return traceCommit(runtime, client, { isExplicit: true, partitions, committed: partitions }, call);
        }
        // Without a list, the call commits the stored offsets.
        const due = new Map(stored);
        const partitions = () => [...due.values()];
        const committed = () => {
          for (const [key, partition] of due) if (stored.get(key) === partition) stored.delete(key);
          return partitions();
        };
        return traceCommit(runtime, client, { isExplicit: false, partitions, committed }, call);
      },
  );
}

/**
 * The metrics keep the returned object for some time after the consumer has left its group. Therefore the object has
 * only a weak reference to the consumer.
 */
function stateOf(consumer: WeakRef<Methods>): ConsumerState {
  return {
    paused() {
      const { paused } = consumer.deref() ?? {};
      return isMethod(paused) ? (paused.call(consumer.deref()) as PausedPartitions) : [];
    },
    report(events) {
      const internal = internalClient(consumer.deref());
      const assignment = internal && assignmentOf(internal);
      if (!assignment) return;
      events.assigned(assignment);
      for (const [topic, partitions] of Object.entries(assignment)) {
        for (const partition of partitions) {
          const { high } = watermarksOf(internal, topic, partition) ?? {};
          if (high !== undefined) events.reachedWatermark(topic, partition, high);
        }
      }
    },
  };
}
