import { shared } from '../shared';
import { callWithin } from './within';
import type { BatchMessages } from './batch';
import { isOff, type Telemetry } from './telemetry';

type Run = <Result>(message: unknown, fn: () => Result) => Result;

/**
 * How a message of a batch is run in a span of its own, keyed by the batch, which kafkajs lets go of. V8 keeps values until its next
 * full collection, though, so they must hold no more than that: with the span and its links in them, keeping these
 * took a third of the time that a batch costs.
 */
const batches = shared('batches', () => new WeakMap<object, Run>());

/** Lets `withMessageSpan` find how the messages of a batch get their spans. */
export function rememberBatch(telemetry: Telemetry, batch: object, messages: BatchMessages): void {
  batches.set(batch, (message, fn) =>
    isOff(telemetry) ? fn() : callWithin(telemetry, () => messages.start(message), fn),
  );
}

/**
 * Runs `fn` in a `process` span of one message inside `eachBatch`: the message's own trace goes on, its baggage is active,
 * and what `fn` sends or queries belongs to it. Costs one span per message, which the batch alone does not.
 *
 * ```js
 * eachBatch: async ({ batch }) => {
 *   for (const message of batch.messages) {
 *     await withMessageSpan(batch, message, () => handle(message));
 *   }
 * }
 * ```
 *
 * By default the message's producer is the parent (and linked), and the batch span is linked; with
 * `consumerContext: 'link'` the batch span is the parent and the producer is linked. Metrics count the batch only.
 *
 * @param batch - `payload.batch` as kafkajs passed it
 * @param message - one of `batch.messages`
 * @param fn - what to run; its result, or its error, is passed through as it is
 * @returns what `fn` returns; where the batch is not instrumented, or the instrumentation is disabled by now, `fn` just runs
 */
export function withMessageSpan<Result>(batch: object, message: unknown, fn: () => Result): Result {
  const run = batches.get(batch);
  return run ? run(message, fn) : fn();
}
