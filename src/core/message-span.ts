import { sharedState } from '../support/shared-state';
import { contextOfCall, type Runtime } from '../runtime';
import { attempt } from '../support/guard';
import type { BatchSpan } from './batch';
import { runInside } from './operation';
import type { ClientInfo, ReceivedBatch } from './port';
import { startMessageOfBatchSpan } from './process';

type RunWithSpan = <Result>(message: unknown, fn: () => Result) => Result;

/** How a message of a batch gets its span, by the library's batch object. */
const batches = sharedState('batches', () => new WeakMap<object, RunWithSpan>());

/**
 * Lets `withMessageSpan` find the batch. Holds the batch's span only until it ends: V8 keeps values of a WeakMap until its
 * next full collection, and a span keeps all its links.
 */
export function rememberBatch(
  runtime: Runtime,
  client: ClientInfo,
  { topic, partition, batch }: ReceivedBatch,
  batchSpan: BatchSpan,
): void {
  const { place } = batchSpan;
  place.context = place.live?.spanContext();
  batches.set(batch, (message, fn) => {
    if (!contextOfCall(runtime)) return fn();
    const span = attempt(runtime, 'withMessageSpan', () =>
      startMessageOfBatchSpan(runtime, client, { topic, partition, message }, place),
    );
    return span ? runInside(runtime, span, fn) : fn();
  });
}

/**
 * Runs `fn` in a `process` span of one message inside `eachBatch`. The message's own trace continues, its baggage is
 * active, and what `fn` sends or queries belongs to it. Costs one span per message, which a batch alone does not.
 *
 * ```js
 * eachBatch: async ({ batch }) => {
 *   for (const message of batch.messages) {
 *     await withMessageSpan(batch, message, () => handle(message));
 *   }
 * }
 * ```
 *
 * The parent is the producer's span, which is linked too, and the batch span is linked. With `consumerContext: 'link'` the
 * batch span is the parent and the producer is linked. Metrics count the batch only.
 *
 * @param batch - `payload.batch` of the handler
 * @param message - one of `batch.messages`
 * @param fn - the code to run; its result or error passes through unchanged
 * @returns the result of `fn`, which runs without a span if the batch is not instrumented or the instrumentation is disabled
 */
export function withMessageSpan<Result>(batch: object, message: unknown, fn: () => Result): Result {
  const run: unknown = batches.get(batch);
  return typeof run === 'function' ? (run as RunWithSpan)(message, fn) : fn();
}
