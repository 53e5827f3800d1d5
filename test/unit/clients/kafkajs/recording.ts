import { instrumentProducer } from '../../../../src/clients/kafkajs/producer';
import type { Runtime } from '../../../../src/runtime';
import type { Methods } from '../../../../src/support/wrap';
import { client } from '../../core/tracing';

/** What the instrumentation passed to kafkajs. */
export interface Sent {
  readonly topic: string;
  readonly messages: readonly { readonly headers?: Readonly<Record<string, unknown>> }[];
}
export type Send = (...args: unknown[]) => unknown;

/** Creates an instrumented producer whose original methods record their arguments. */
export function recordingProducer(
  runtime: Runtime,
  answer: (...args: unknown[]) => unknown = () => Promise.resolve([]),
) {
  const original = jest.fn(answer);
  const owner: Methods = { send: original, sendBatch: original };
  instrumentProducer(runtime, owner, client);
  return { original, send: owner['send'] as Send, sendBatch: owner['sendBatch'] as Send };
}
/** Returns the request of the last call. */
export const sentBy = (original: jest.Mock) =>
  (original.mock.lastCall as unknown[] | undefined)?.[0] as Sent & { topicMessages: readonly Sent[] };
export const spanIdIn = (message: Sent['messages'][number] | undefined) =>
  String(message?.headers?.['traceparent']).split('-')[2];
