import { context, type Context } from '@opentelemetry/api';
import { carrierOf, injectInto, type Carrier } from '../propagation/inject';
import { startSend, type SendOperation } from '../telemetry/send';
import { attempt, isSuppressed, type ClientFacts, type Telemetry } from '../telemetry/telemetry';
import { settle } from '../telemetry/within';
import { isSendable, readSend, readSendBatch, type Call } from './requests';
import type { Method, Methods } from './types';
import { wrapMethod } from './wrap';

type ActiveContext = () => Context;

/** Wraps `send` and `sendBatch` of a producer or a transaction. kafkajs's `send` does not go through its `sendBatch`. */
export function instrumentSends(
  telemetry: Telemetry,
  owner: Methods,
  client: ClientFacts,
  active: ActiveContext = () => context.active(),
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
