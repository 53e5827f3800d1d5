import { sharedState } from '../support/shared-state';
import { contextOfCall, type Runtime } from '../runtime';
import { attempt } from '../support/guard';
import type { BatchSpan } from './batch';
import { runInside } from './operation';
import type { ClientInfo, ReceivedBatch } from './port';
import { startMessageOfBatchSpan } from './process';
import { recordTracer } from './record-span';

type RunWithSpan = <Result>(message: unknown, fn: () => Result) => Result;

/** For each batch object of the library, a function that runs code in the span of one message. */
const batches = sharedState('batches', () => new WeakMap<object, RunWithSpan>());

/**
 * Lets `withMessageSpan` find the batch in a WeakMap. V8 frees the values of a WeakMap only at a full garbage collection. So the value
 * refers to the batch's span only until the span ends. Otherwise, ended spans and their links would stay in memory.
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
 * Runs `fn` in a `process` span of one message inside `eachBatch`. The trace of the message continues, its baggage is active,
 * and spans that `fn` creates are children of this span. Costs one span per message, in addition to the span of the batch.
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
export function withMessageSpan<Result>(batch: object, message: unknown, fn: () => Result): Result;
/**
 * Runs `fn` in a `process` span of a record that no instrumented client delivered, such as a record of an AWS Lambda event. Keys
 * and headers are read as Lambda encodes them: base64, and arrays of bytes.
 *
 * ```js
 * for (const records of Object.values(event.records)) {
 *   for (const record of records) await withMessageSpan(record, () => handle(record));
 * }
 * ```
 *
 * Parent and links are the same as for a message of a batch, with the active span (for example the span of the Lambda
 * invocation) in place of the batch span. The record is counted in the metrics of `eachMessage`, without lag and consumer
 * group.
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
