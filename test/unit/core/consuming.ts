import { ROOT_CONTEXT, context, type Context, type SpanContext } from '@opentelemetry/api';
import { TracedConsumer } from '../../../src/core/consumer';
import type { ClientInfo } from '../../../src/core/port';
import type { Runtime } from '../../../src/runtime';
import { client, traceparent } from './tracing';

/** Creates a record with trace headers of a producer's span. */
export const recordFrom = (span: SpanContext, fields: object = {}) => ({
  offset: '7',
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  headers: { traceparent: Buffer.from(traceparent(span)) },
  ...fields,
});

export type BatchObject = ReturnType<typeof batchOf>;

/** Creates a batch of partition 2 of `orders`, as kafkajs does. */
export const batchOf = (messages: readonly unknown[]) => ({ topic: 'orders', partition: 2, messages });

const consumerOf = (runtime: Runtime, info: ClientInfo) =>
  new TracedConsumer(runtime, info, { paused: () => [] });

/**
 * Delivers one message of partition 2 of `orders`.
 *
 * @param handle - the handler, which gets the active context
 */
export function deliver<Result>(
  runtime: Runtime,
  message: unknown,
  handle: (active: Context) => Result,
  { info = client, caller = ROOT_CONTEXT } = {},
): Result {
  const received = { topic: 'orders', partition: 2, message };
  return context.with(caller, () =>
    consumerOf(runtime, info).processMessage(received, () => handle(context.active())),
  );
}

/**
 * Delivers a batch.
 *
 * @param handle - the handler, which gets the active context
 */
export function deliverBatch<Result>(
  runtime: Runtime,
  batch: BatchObject,
  handle: (active: Context) => Result,
  { info = client, caller = ROOT_CONTEXT } = {},
): Result {
  return context.with(caller, () =>
    consumerOf(runtime, info).processBatch({ ...batch, resolvesAll: true, batch }, () =>
      handle(context.active()),
    ),
  );
}
