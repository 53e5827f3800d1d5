import { TracedConsumer } from '../../core/consumer';
import type { BatchObserver, ClientInfo, ConsumerState, PausedPartitions } from '../../core/port';
import type { Runtime } from '../../runtime';
import { derive, isObject } from '../../support/copies';
import { attempt } from '../../support/guard';
import { copySignature, isMethod, wrapMethod, type Methods } from '../../support/wrap';
import { wrapCommitIfNecessary, wrapCommitOffsets } from '../shared/commits';
import { traceHandlers } from '../shared/handlers';
import { observeCommits, observeConsumer, observeRequests } from './events';

/** The properties that kafkajs reads of a run config. */
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
  // Most programs never commit by hand, so the listener is added with the first such call.
  const observeCommitsOnce = once(() => {
    observeCommits(runtime, consumer);
  });
  wrapCommitOffsets(runtime, consumer, client, observeCommitsOnce);

  /** kafkajs's payload with a `resolveOffset` that reports progress, and commits that are traced. */
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

  /** A config like the program's with wrapped handlers. `undefined` if it has none. kafkajs keeps the handlers it gets here. */
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
 * The state of a consumer for the metrics. Weak, and outside of the scope of the closures above: the metrics hold it until
 * they have read the zeros of a consumer that left.
 */
function stateOf(consumer: WeakRef<Methods>): ConsumerState {
  return {
    paused() {
      // Older releases of kafkajs lack it.
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
