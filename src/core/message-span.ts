import { sharedState } from '../support/shared-state';
import { contextOfCall, type Runtime } from '../runtime';
import { attempt } from '../support/guard';
import type { BatchSpan } from './batch';
import { runInside } from './operation';
import type { ClientInfo, ReceivedBatch } from './port';
import { startMessageOfBatchSpan } from './process';
import { recordTracer } from './record-span';

type RunWithSpan = <Result>(message: unknown, fn: () => Result) => Result;

/** Maps each batch object of a client library to a function that runs code in the span of one of its messages. */
const batches = sharedState('batches', () => new WeakMap<object, RunWithSpan>());

/**
 * Lets `withMessageSpan` find the batch span. V8 frees the values of a WeakMap only at a full garbage collection. So the
 * stored function keeps the batch span only until the span ends. Otherwise the span and its links would stay in memory.
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
 * Runs `fn` inside a `process` span for one message of a batch. Call it in `eachBatch`. The span continues the message's
 * trace, the message's baggage is active, and spans that `fn` creates are children of the new span. Costs one span per
 * message, in addition to the batch span.
 *
 * ```js
 * eachBatch: async ({ batch }) => {
 *   for (const message of batch.messages) {
 *     await withMessageSpan(batch, message, () => handle(message));
 *   }
 * }
 * ```
 *
 * By default, the parent is the producer's span, and the new span links to the producer's span and to the batch span. With
 * `consumerContext: 'link'`, the parent is the batch span, and the new span links to the producer's span. Metrics count only
 * the batch.
 *
 * @param batch - `payload.batch` of the handler
 * @param message - one of `batch.messages`
 * @param fn - the code to run; its result or error is passed on unchanged
 * @returns the result of `fn`. If the batch is not instrumented or the instrumentation is disabled, `fn` runs without a span
 */
export function withMessageSpan<Result>(batch: object, message: unknown, fn: () => Result): Result;
/**
 * Runs `fn` inside a `process` span for a record that no instrumented client delivered, such as a record of an AWS Lambda
 * event. Reads the encodings of Lambda: base64 for keys, and arrays of bytes for headers.
 *
 * ```js
 * for (const records of Object.values(event.records)) {
 *   for (const record of records) await withMessageSpan(record, () => handle(record));
 * }
 * ```
 *
 * Parent and links are the same as for a message of a batch. The active span, for example of the Lambda invocation, has the
 * role of the batch span. Metrics count the record like a message of `eachMessage`, but without lag and consumer group.
 *
 * @param record - has `topic`, `partition` and `offset`
 * @param fn - the code to run; its result or error is passed on unchanged
 * @returns the result of `fn`. If no instrumentation is enabled, `fn` runs without a span
 */
export function withMessageSpan<Result>(record: object, fn: () => Result): Result;
export function withMessageSpan<Result>(
  batch: object,
  ...args: readonly [fn: () => Result] | readonly [message: unknown, fn: () => Result]
): Result {
  if (args.length === 1) {
    const tracer = recordTracer();
    return tracer ? tracer.run(batch, args[0]) : args[0]();
  }
  const [message, fn] = args;
  const run: unknown = batches.get(batch);
  return typeof run === 'function' ? (run as RunWithSpan)(message, fn) : fn();
}
