import { ROOT_CONTEXT, context, trace, type Context } from '@opentelemetry/api';
import { instrumentProducer } from '../../../src/clients/kafkajs/producer';
import type { ClientInfo, TopicMessages } from '../../../src/core/port';
import { extractContext } from '../../../src/propagation/extract';
import type { Runtime } from '../../../src/runtime';
import type { Methods } from '../../../src/support/wrap';
import { client } from './tracing';

interface SendOptions {
  readonly info?: ClientInfo;
  /** The active context of the call. */
  readonly active?: Context;
  /** The client library resolves with this result. */
  readonly result?: unknown;
  /** If set, the client library rejects with this error. */
  readonly error?: unknown;
}

type Request = { readonly topicMessages: readonly TopicMessages[] };

/**
 * Calls `sendBatch` of an instrumented producer.
 *
 * @returns the contexts in the headers that the client library got, by entry and message
 */
export async function send(
  runtime: Runtime,
  topicMessages: readonly { readonly topic: string; readonly messages: unknown }[],
  { info = client, active = ROOT_CONTEXT, result = [], error }: SendOptions = {},
) {
  const received: Request[] = [];
  const sendBatch = (request: Request): Promise<unknown> => {
    received.push(request);
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the test's own error
    return error === undefined ? Promise.resolve(result) : Promise.reject(error);
  };
  const producer: Methods & { sendBatch: (request: unknown) => Promise<unknown> } = {
    sendBatch: sendBatch as (request: unknown) => Promise<unknown>,
  };
  instrumentProducer(runtime, producer, info);
  const outcome = context.with(active, () => producer.sendBatch({ topicMessages }));
  if (error === undefined) expect(await outcome).toBe(result);
  else await expect(outcome).rejects.toBe(error);
  expect(received).toHaveLength(1);
  return (received[0]?.topicMessages ?? []).map(({ messages }) =>
    Array.isArray(messages)
      ? messages.map((message: unknown) => trace.getSpanContext(extractContext(message)))
      : [],
  );
}
