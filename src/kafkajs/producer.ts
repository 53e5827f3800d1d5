import { context, type Context } from '@opentelemetry/api';
import { derive } from '../propagation/copies';
import { carrierOf, injectInto, type Carrier } from '../propagation/inject';
import { startSend, type Outgoing, type SendOperation } from '../telemetry/send';
import { attempt, isSuppressed, type ClientFacts, type Telemetry } from '../telemetry/telemetry';
import { settle } from '../telemetry/within';
import { instrumentTransactions } from './transaction';
import type { Method, Methods } from './types';
import { wrapMethod } from './wrap';

type ActiveContext = () => Context;

export function instrumentProducer(telemetry: Telemetry, producer: Methods, client: ClientFacts): void {
  instrumentSends(telemetry, producer, client, () => context.active());
  instrumentTransactions(telemetry, producer, client);
}

/** Wraps `send` and `sendBatch` of a producer or a transaction. kafkajs's `send` does not go through its `sendBatch`. */
export function instrumentSends(
  telemetry: Telemetry,
  owner: Methods,
  client: ClientFacts,
  active: ActiveContext,
): void {
  for (const [name, read] of [
    ['send', readSend],
    ['sendBatch', readSendBatch],
  ] as const) {
    wrapMethod(owner, name, original => wrapSend(telemetry, client, active, original, read));
  }
}

function wrapSend(
  telemetry: Telemetry,
  client: ClientFacts,
  active: ActiveContext,
  original: Method,
  read: (request: unknown) => Call | undefined,
): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (!telemetry.enabled || isSuppressed()) return original.apply(this, args);
    const started = attempt(telemetry, 'send', () => {
      const call = read(args[0]);
      if (call?.isEmpty) return undefined;
      return { call, operation: startSend(telemetry, client, call?.entries ?? [], active()) };
    });
    if (!started) return original.apply(this, args);
    const { call, operation } = started;
    const replaced = call && attempt(telemetry, 'inject', () => inject(telemetry, call, operation));
    let result: unknown;
    try {
      result = original.apply(this, replaced === undefined ? args : [replaced, ...args.slice(1)]);
    } catch (error) {
      // kafkajs rejects and never throws, but another wrapper below ours may.
      attempt(telemetry, 'send', () => {
        operation.fail(error);
      });
      throw error;
    }
    return settle(telemetry, operation, result);
  };
}

/** The arguments of a send, each property read once. */
interface Call {
  readonly entries: readonly Outgoing[];
  /** A call without topics: kafkajs answers at once, and there is nothing to tell. */
  readonly isEmpty: boolean;
  /** The same request with other messages in it. */
  withMessages(messages: readonly (readonly unknown[])[]): unknown;
}

const REQUEST = ['acks', 'timeout', 'compression', 'topic', 'messages', 'topicMessages'];

function readSend(request: unknown): Call | undefined {
  if (!isObject(request)) return undefined;
  const { topic, messages } = request;
  const entry = entryOf(topic, messages);
  if (!entry) return undefined;
  return {
    entries: [entry],
    isEmpty: false,
    withMessages: ([replaced]) => derive(request, REQUEST, { topic, messages: replaced }),
  };
}

function readSendBatch(request: unknown): Call | undefined {
  if (!isObject(request)) return undefined;
  const { topicMessages } = request;
  if (topicMessages === undefined) return { entries: [], isEmpty: true, withMessages: () => request };
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
    isEmpty: entries.length === 0,
    withMessages: replaced =>
      derive(request, REQUEST, {
        topicMessages: entries.map(({ topic }, index) =>
          derive(topicMessages[index] as object, REQUEST, { topic, messages: replaced[index] }),
        ),
      }),
  };
}

/**
 * The request with trace headers in copies of its messages, or `undefined` where the program's own may go through: nothing
 * to write, or a message that kafkajs will refuse, in which case its error quotes the message as the program made it.
 */
function inject(telemetry: Telemetry, call: Call, operation: SendOperation): unknown {
  const { entries } = call;
  if (!entries.every(({ messages, isMalformed }) => !isMalformed && messages.every(isSendable)))
    return undefined;
  const carriers = new Map<Context, Carrier>();
  const carrierFor = (target: Context) => {
    const carrier = carriers.get(target) ?? carrierOf(target);
    carriers.set(target, carrier);
    return carrier;
  };
  const replaced = entries.map(entry => {
    if (!telemetry.settings.injects(entry.topic) || telemetry.pauses.has(entry.topic)) return entry.messages;
    return entry.messages.map((message, index) => {
      const target = operation.contextFor(entry, index);
      return target ? injectInto(message as object, carrierFor(target)) : message;
    });
  });
  const isChanged = entries.some(({ messages }, entry) =>
    messages.some((message, index) => message !== replaced[entry]?.[index]),
  );
  return isChanged ? call.withMessages(replaced) : undefined;
}

function isSendable(message: unknown): boolean {
  return isObject(message) && message['value'] !== undefined;
}

/** What can be told apart by topic; the rest of a malformed call is for kafkajs to refuse. */
function entryOf(topic: unknown, messages: unknown): Outgoing | undefined {
  if (typeof topic !== 'string' || topic === '') return undefined;
  return Array.isArray(messages) ? { topic, messages } : { topic, messages: [], isMalformed: true };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
