import { sharedState } from '../support/shared-state';
import { contextOfCall, type Runtime } from '../runtime';
import { attempt } from '../support/guard';
import type { BatchSpan } from './batch';
import { runInside } from './operation';
import type { ClientInfo, ReceivedBatch } from './port';
import { startMessageOfBatchSpan } from './process';

type RunWithSpan = <Result>(message: unknown, fn: () => Result) => Result;

/** Functions that run code in the span of one message, by the batch object of the library. */
const batches = sharedState('batches', () => new WeakMap<object, RunWithSpan>());

/**
 * Lets `withMessageSpan` find the batch. Holds the batch's span only until the span ends: V8 keeps the values of a WeakMap
 * until its next full collection, and a span keeps all of its links.
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
 * Runs `fn` in a `process` span of one message inside `eachBatch`. The message's own trace continues, its baggage is active,
 * and what `fn` sends or queries belongs to this span. Costs one span per message, in addition to the span of the batch.
 *
 * ```js
 * eachBatch: async ({ batch }) => {
 *   for (const message of batch.messages) {
 *     await withMessageSpan(batch, message, () => handle(message));
 *   }
 * }
 * ```
 *
 * By default, the producer's span is the parent, and the span links to the producer's span and to the batch span. With
 * `consumerContext: 'link'`, the batch span is the parent, and the span links to the producer's span. Metrics count only the
 * batch.
 *
 * @param batch - `payload.batch` of the handler
 * @param message - one of `batch.messages`
 * @param fn - the code to run; its result or error is passed on unchanged
 * @returns the result of `fn`. If the batch is not instrumented or the instrumentation is disabled, `fn` runs without a span
 */
export function withMessageSpan<Result>(batch: object, message: unknown, fn: () => Result): Result {
  const run: unknown = batches.get(batch);
  return typeof run === 'function' ? (run as RunWithSpan)(message, fn) : fn();
}
