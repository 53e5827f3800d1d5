import { TracedConsumer } from '../../core/consumer';
import type { BatchObserver, ClientInfo, ConsumerState, PausedPartitions } from '../../core/port';
import type { Runtime } from '../../runtime';
import { derive, isObject } from '../../support/copies';
import { attempt } from '../../support/guard';
import { copySignature, isMethod, wrapMethod, type Methods } from '../../support/wrap';
import { wrapCommitIfNecessary, wrapCommitOffsets } from './commits';
import { traceHandlers } from '../shared/handlers';
import { observeCommits, observeConsumer, observeRequests } from './events';

/** kafkajs reads these properties of the argument of `run()`. */
const RUN_CONFIG = [
  'autoCommit',
  'autoCommitInterval',
  'autoCommitThreshold',
  'eachBatchAutoResolve',
  'partitionsConsumedConcurrently',
  'eachBatch',
  'eachMessage',
];

export function instrumentConsumer(runtime: Runtime, consumer: Methods, client: ClientInfo): void {
  const traced = new TracedConsumer(runtime, client, stateOf(new WeakRef(consumer)));
  observeConsumer(runtime, consumer, traced.events);
  observeRequests(runtime, consumer);
  // Most programs never call a commit method, so the listener for commits is added only at the first such call.
  const observeCommitsOnce = once(() => {
    observeCommits(runtime, consumer);
  });
  wrapCommitOffsets(runtime, consumer, client, observeCommitsOnce);

  /** Copies the payload of `eachBatch`. In the copy, `resolveOffset` reports progress and the commit method is traced. */
  const observePayload = (payload: Methods, observer: BatchObserver): Methods => {
    const { resolveOffset } = payload;
    const replaced: Methods = {};
    if (isMethod(resolveOffset))
      replaced['resolveOffset'] = copySignature(resolveOffset, (...args) => {
        const result = resolveOffset(...args);
        observer.resolved(Number(args[0]));
        return result;
      });
    const commit = wrapCommitIfNecessary(runtime, client, payload, observeCommitsOnce);
    if (commit) replaced['commitOffsetsIfNecessary'] = commit;
    return Object.keys(replaced).length === 0 ? payload : derive(payload, [], replaced);
  };

  const withTracedHandlers = (config: unknown): unknown => {
    if (!isObject(config)) return undefined;
    const { eachMessage, eachBatch, eachBatchAutoResolve } = config;
    const given = { eachMessage, eachBatch, eachBatchAutoResolve };
    const handlers = traceHandlers(runtime, traced, given, {
      observePayload,
      resolvesAll: autoResolve => autoResolve !== false,
    });
    return handlers && derive(config, RUN_CONFIG, { ...handlers, eachBatchAutoResolve });
  };

  wrapMethod(
    consumer,
    'run',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const config = attempt(runtime, 'run', () => withTracedHandlers(args[0]));
        return original.apply(this, config === undefined ? args : [config, ...args.slice(1)]);
      },
  );
}

/**
 * The metrics keep the returned object for some time after the consumer has left its group, so the object must not keep
 * the consumer in memory. `stateOf` is not inside `instrumentConsumer`, because a function defined there would keep the
 * consumer in memory.
 */
function stateOf(consumer: WeakRef<Methods>): ConsumerState {
  return {
    paused() {
      // Older releases of kafkajs have no `paused()`.
      const { paused } = consumer.deref() ?? {};
      return isMethod(paused) ? (paused() as PausedPartitions) : [];
    },
  };
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    run();
  };
}
