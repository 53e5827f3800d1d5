import { TracedConsumer } from '../../core/consumer';
import type { BatchObserver, ClientInfo, ConsumerState, PausedPartitions } from '../../core/port';
import type { Runtime } from '../../runtime';
import { derive, isObject } from '../../support/copies';
import { attempt } from '../../support/guard';
import { copySignature, isMethod, wrapMethod, type Methods } from '../../support/wrap';
import { wrapCommitIfNecessary, wrapCommitOffsets } from './commits';
import { traceHandlers } from '../shared/handlers';
import { observeCommits, observeConsumer, observeRequests } from './events';

/** The properties that kafkajs reads from a run config. */
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
  // Most programs never commit by hand, so the listener is added at the first such commit.
  const observeCommitsOnce = once(() => {
    observeCommits(runtime, consumer);
  });
  wrapCommitOffsets(runtime, consumer, client, observeCommitsOnce);

  /** kafkajs's payload with a `resolveOffset` that reports progress, and with commit methods that are traced. */
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

  /**
   * A copy of the program's config with wrapped handlers. `undefined` if the config has no handlers. kafkajs calls these for
   * the whole run.
   */
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
 * The state of a consumer for the metrics. The metrics keep it after the consumer has left, until they have read its last
 * zeros. It must not keep the consumer in memory, so it holds the consumer weakly and shares no scope with the closures above.
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
