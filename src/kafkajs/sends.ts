import { context, type Context } from '@opentelemetry/api';
import { carrierOf, injectInto, type Carrier } from '../propagation/inject';
import { errorType } from '../telemetry/errors';
import { startSend, type Outgoing, type SendOperation } from '../telemetry/send';
import { attempt, isSuppressed, type ClientFacts, type Telemetry } from '../telemetry/telemetry';
import { callAround } from '../telemetry/within';
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
    const call = attempt(telemetry, 'send', () => read(args[0]));
    if (call?.isEmpty) return original.apply(this, args);
    const operation = attempt(telemetry, 'send', () =>
      startSend(telemetry, client, call?.entries ?? [], active()),
    );
    if (!operation) return original.apply(this, args);
    const replaced = call && attempt(telemetry, 'inject', () => inject(telemetry, call, operation));
    if (!call || replaced === undefined)
      return callAround(telemetry, operation, () => original.apply(this, args));
    const injected: SendOperation = {
      ...operation,
      fail(error) {
        operation.fail(error);
        pauseInjection(telemetry, call.entries, error);
      },
    };
    return callAround(telemetry, injected, () => original.apply(this, [replaced, ...args.slice(1)]));
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

/** After a failure that our headers may have caused, the topic's next messages go without: the program's data comes first. */
function pauseInjection(telemetry: Telemetry, entries: readonly Outgoing[], error: unknown): void {
  const type = errorType(error);
  const topics = entries.map(({ topic }) => topic).filter(topic => telemetry.settings.injects(topic));
  for (const topic of telemetry.pauses.consider(type, topics)) {
    telemetry.log.warn(
      `pause ${topic}`,
      `A send to topic "${topic}" failed with ${type}, which added trace headers can cause: no headers are added for ` +
        'this topic during the next 10 minutes. The error went to the program unchanged.',
    );
  }
}
