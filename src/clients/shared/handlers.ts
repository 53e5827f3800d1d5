import type { TracedConsumer } from '../../core/consumer';
import type { BatchObserver, ReceivedBatch, ReceivedMessage } from '../../core/port';
import type { Runtime } from '../../runtime';
import { isObject } from '../../support/copies';
import { attempt } from '../../support/guard';
import { isMethod, type Methods } from '../../support/wrap';

export interface HandlerHooks {
  /** Called before a handler starts. Must not throw. */
  readonly onReceived?:
    ((topic: string, partition: number, messages: readonly unknown[]) => void) | undefined;
  /** Returns a payload for `eachBatch` whose `resolveOffset` reports to the observer. */
  observePayload(payload: Methods, observer: BatchObserver): Methods;
  /** True if all offsets of a batch count as processed when its handler returns. */
  resolvesAll(autoResolve: unknown): boolean;
}

/**
 * Returns the handlers of a run config with wrappers that trace them.
 *
 * @returns `undefined` if the config has no handler
 */
export function traceHandlers(
  runtime: Runtime,
  traced: TracedConsumer,
  { eachMessage, eachBatch, eachBatchAutoResolve }: Methods,
  hooks: HandlerHooks,
): Methods | undefined {
  const handlers: Methods = {};
  if (isMethod(eachMessage))
    handlers['eachMessage'] = function (this: unknown, ...args: unknown[]): unknown {
      const received = attempt(runtime, 'payload', () => readMessage(args[0]));
      if (!received) return eachMessage.apply(this, args);
      const { topic, partition, message } = received;
      hooks.onReceived?.(topic, partition, [message]);
      return traced.processMessage(received, () => eachMessage.apply(this, args));
    };
  const resolvesAll = hooks.resolvesAll(eachBatchAutoResolve);
  if (isMethod(eachBatch))
    handlers['eachBatch'] = function (this: unknown, ...args: unknown[]): unknown {
      const received = attempt(runtime, 'payload', () => readBatch(args[0], resolvesAll));
      if (!received) return eachBatch.apply(this, args);
      hooks.onReceived?.(received.topic, received.partition, received.messages);
      return traced.processBatch(received, observer => {
        const payload =
          observer && attempt(runtime, 'payload', () => hooks.observePayload(args[0] as Methods, observer));
        return eachBatch.apply(this, payload ? [payload, ...args.slice(1)] : args);
      });
    };
  return Object.keys(handlers).length === 0 ? undefined : handlers;
}

/**
 * Returns `undefined` for a payload that does not come from the library. A unit test of the program may call the handler with
 * any value.
 */
function readMessage(payload: unknown): ReceivedMessage | undefined {
  const { topic, partition, message } = (payload ?? {}) as Partial<ReceivedMessage>;
  return isObject(message) ? { topic: String(topic), partition: Number(partition), message } : undefined;
}

function readBatch(payload: unknown, resolvesAll: boolean): ReceivedBatch | undefined {
  const { batch } = (payload ?? {}) as { batch?: Partial<ReceivedBatch> };
  if (!batch) return undefined;
  const { topic, partition, messages } = batch;
  if (!Array.isArray(messages)) return undefined;
  return { topic: String(topic), partition: Number(partition), messages, resolvesAll, batch };
}
