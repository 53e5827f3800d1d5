import { context, type Context } from '@opentelemetry/api';
import { carrierOf, injectInto, type Carrier } from '../propagation/inject';
import { errorType } from '../telemetry/errors';
import { startSend, type Outgoing, type SendOperation } from '../telemetry/send';
import type { ClientFacts } from '../telemetry/client';
import { attempt, isOff, type Telemetry } from '../telemetry/telemetry';
import { callAround, together, type Ending } from '../telemetry/within';
import { measureSend } from '../telemetry/measure';
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
    if (isOff(telemetry)) return original.apply(this, args);
    const call = attempt(telemetry, 'send', () => read(args[0]));
    if (call?.isEmpty) return original.apply(this, args);
    const started = attempt(telemetry, 'send', () => start(telemetry, client, active(), call));
    if (!started) return original.apply(this, args);
    const { operation, measured } = started;
    const replaced = call && attempt(telemetry, 'inject', () => inject(telemetry, call, operation));
    const blamed = call && replaced !== undefined ? headersBlamed(telemetry, call.entries) : undefined;
    const sent = replaced === undefined ? args : [replaced, ...args.slice(1)];
    return callAround(telemetry, together(telemetry, operation, measured, blamed), () =>
      original.apply(this, sent),
    );
  };
}

/** Starts what is told of a call, also of one that could not be read. */
function start(telemetry: Telemetry, client: ClientFacts, active: Context, call: Call | undefined) {
  const entries = call?.entries ?? [];
  const operation = startSend(telemetry, client, entries, active);
  const { metrics } = telemetry;
  const measured =
    metrics &&
    attempt(telemetry, 'metrics', () =>
      measureSend(metrics, client, entries, { acks: call?.acks, destinations: operation.destinations }),
    );
  return { operation, measured };
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
function headersBlamed(telemetry: Telemetry, entries: readonly Outgoing[]): Ending {
  return {
    end: () => undefined,
    fail(error) {
      const type = errorType(error);
      const topics = entries.map(({ topic }) => topic).filter(topic => telemetry.settings.injects(topic));
      for (const topic of telemetry.pauses.consider(type, topics)) {
        telemetry.log.warn(
          `pause ${topic}`,
          `A send to topic "${topic}" failed with ${type}, which added trace headers can cause: no headers are added for ` +
            'this topic during the next 10 minutes. The error went to the program unchanged.',
        );
      }
    },
  };
}
