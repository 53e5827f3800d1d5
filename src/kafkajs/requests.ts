import { derive, headerRecord, ownHeaders } from '../propagation/copies';
import type { Outgoing } from '../telemetry/send';

/** The arguments of a send, each property read once. */
export interface Call {
  readonly entries: readonly Outgoing[];
  readonly acks: unknown;
  /** A call without topics: kafkajs answers at once, and there is nothing to tell. */
  readonly isEmpty: boolean;
  /** The same request with other messages in it. */
  withMessages(messages: readonly (readonly unknown[])[]): object;
}

const REQUEST = ['acks', 'timeout', 'compression', 'topic', 'messages', 'topicMessages'];

export function readSend(request: unknown): Call | undefined {
  if (!isObject(request)) return undefined;
  const { acks, topic, messages } = request;
  const entry = entryOf(topic, messages);
  if (!entry) return undefined;
  return {
    entries: [entry],
    acks,
    isEmpty: false,
    withMessages: ([replaced]) => derive(request, REQUEST, { acks, topic, messages: replaced }),
  };
}

export function readSendBatch(request: unknown): Call | undefined {
  if (!isObject(request)) return undefined;
  const { acks, topicMessages } = request;
  if (topicMessages === undefined) return { entries: [], acks, isEmpty: true, withMessages: () => request };
  if (!Array.isArray(topicMessages)) return undefined;
  const entries: Outgoing[] = [];
  for (const entry of topicMessages as readonly unknown[]) {
    if (!isObject(entry)) return undefined;
    const outgoing = entryOf(entry['topic'], entry['messages']);
    if (!outgoing) return undefined;
    entries.push(outgoing);
  }
  return {
    entries,
    acks,
    isEmpty: entries.length === 0,
    withMessages: replaced =>
      derive(request, REQUEST, {
        acks,
        topicMessages: entries.map(({ topic }, index) =>
          derive(topicMessages[index] as object, REQUEST, { topic, messages: replaced[index] }),
        ),
      }),
  };
}

/**
 * Whether kafkajs will try to send a message. One that it refuses must reach it as the program made it: its error quotes the
 * message, and a bad header must not go unnoticed because ours took its place.
 */
export function isSendable(message: unknown): message is object {
  if (!isObject(message) || message['value'] === undefined) return false;
  const headers = headerRecord(ownHeaders(message));
  return !headers || Object.values(headers).every(isHeaderValue);
}

function isHeaderValue(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    Buffer.isBuffer(value) ||
    (Array.isArray(value) && value.every(isHeaderValue))
  );
}

/** What can be told apart by topic; the rest of a malformed call is for kafkajs to refuse. */
function entryOf(topic: unknown, messages: unknown): Outgoing | undefined {
  if (typeof topic !== 'string' || topic === '') return undefined;
  return Array.isArray(messages) ? { topic, messages } : { topic, messages: [], isMalformed: true };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
