import type { Context } from '@opentelemetry/api';
import { carrierOf, injectInto, type Carrier } from '../propagation/inject';
import { sizeOf, TOO_LARGE } from '../propagation/pause';
import { errorType } from '../telemetry/errors';
import { startSend, type Outgoing, type SendOperation } from '../telemetry/send';
import type { ClientFacts } from '../telemetry/client';
import { activeIn, attempt, isUnheard, type Telemetry } from '../telemetry/telemetry';
import { callAround, Together, type Ending } from '../telemetry/within';
import { MeasuredSend } from '../telemetry/measure';
import { isSendable, readSend, readSendBatch, type Call } from './requests';
import type { Method, Methods } from './types';
import { wrapMethod } from './wrap';

type ActiveContext = (current: Context) => Context;

/**
 * Wraps `send` and `sendBatch` of a producer or a transaction. kafkajs's `send` does not go through its `sendBatch`.
 *
 * @param active - what the spans are children of; by default the context of the call
 */
export function instrumentSends(
  telemetry: Telemetry,
  owner: Methods,
  client: ClientFacts,
  active: ActiveContext = current => current,
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
    const current = isUnheard(telemetry) ? undefined : activeIn(telemetry);
    if (!current) return original.apply(this, args);
    const call = attempt(telemetry, 'send', () => read(args[0]));
    if (call?.isEmpty) return original.apply(this, args);
    const operation = attempt(telemetry, 'send', () =>
      startSend(telemetry, client, call?.entries ?? [], active(current)),
    );
    if (!operation) return original.apply(this, args);
    const measured = attempt(telemetry, 'metrics', () => measure(telemetry, client, call, operation));
    const replaced = call && attempt(telemetry, 'inject', () => inject(telemetry, call, operation));
    const pause = replaced && new PauseInjectionOnFailure(telemetry, call.entries);
    if (replaced) args[0] = replaced;
    return callAround(telemetry, new Together(telemetry, operation, measured, pause), () =>
      original.apply(this, args),
    );
  };
}

/** Measures a call, also one that could not be read. */
function measure(
  { metrics }: Telemetry,
  client: ClientFacts,
  call: Call | undefined,
  { destinations }: SendOperation,
): Ending | undefined {
  if (metrics?.isHeard !== true) return undefined;
  return new MeasuredSend(metrics, client, call?.entries ?? [], { acks: call?.acks, destinations });
}

/**
 * The request with trace headers in copies of its messages, or `undefined` where the program's own may go through: nothing
 * to write, or a message that kafkajs will refuse, in which case its error quotes the message as the program made it.
 */
function inject(telemetry: Telemetry, call: Call, operation: SendOperation): object | undefined {
  const { entries } = call;
  for (const { messages, isMalformed } of entries) {
    if (isMalformed) return undefined;
    for (const message of messages) if (!isSendable(message)) return undefined;
  }
  const { settings, pauses } = telemetry;
  const carriers = new Carriers();
  const carrying = entries.map(entry =>
    settings.injects(entry.topic) ? injected(entry, operation, carriers) : entry.messages,
  );
  const replaced = pauses.isEmpty ? carrying : withoutPaused(pauses, entries, carrying);
  if (replaced.every((messages, index) => messages === entries[index]?.messages)) return undefined;
  const request = call.withMessages(replaced);
  entries.forEach((entry, index) => {
    entry.sent = replaced[index] ?? entry.messages;
  });
  return request;
}

function withoutPaused(
  pauses: Telemetry['pauses'],
  entries: readonly Outgoing[],
  carrying: readonly (readonly unknown[])[],
): readonly (readonly unknown[])[] {
  let size: number | undefined;
  const total = () => (size ??= sizeOf(carrying.flat()));
  return entries.map(({ topic, messages }, index) =>
    pauses.allows(topic, total) ? (carrying[index] ?? messages) : messages,
  );
}

/** The messages of an entry with their headers; the entry's own array where none gets any. */
function injected(entry: Outgoing, operation: SendOperation, carriers: Carriers): readonly unknown[] {
  const { messages } = entry;
  let changed = 0;
  const replaced = messages.map((message, index) => {
    const target = operation.contextFor(entry, index);
    if (!target) return message;
    const carrying = injectInto(message as object, carriers.of(target));
    if (carrying !== message) changed++;
    return carrying;
  });
  return changed > 0 ? replaced : messages;
}

/** The headers for each context of a call: one for all its messages, most often, so that a map waits for a second one. */
class Carriers {
  private last: { readonly target: Context; readonly carrier: Carrier } | undefined;
  private others: Map<Context, Carrier> | undefined;

  of(target: Context): Carrier {
    const { last } = this;
    if (last?.target === target) return last.carrier;
    const carrier = this.others?.get(target) ?? carrierOf(target);
    if (last) (this.others ??= new Map<Context, Carrier>()).set(last.target, last.carrier);
    this.last = { target, carrier };
    return carrier;
  }
}

/** Topics that a warning names. */
const MAX_NAMED = 5;

/** After a failure that our headers may have caused, calls like it go without: the program's data comes first. */
class PauseInjectionOnFailure implements Ending {
  constructor(
    private readonly telemetry: Telemetry,
    private readonly entries: readonly Outgoing[],
  ) {}

  end(): void {
    // Nothing to pause for.
  }

  fail(error: unknown): void {
    const { telemetry, entries } = this;
    const type = errorType(error);
    const carrying = entries.filter(({ messages, sent }) => sent !== messages);
    const topics = telemetry.pauses.consider(
      type,
      carrying.map(({ topic }) => topic),
      () => sizeOf(entries.flatMap(({ messages }) => messages)),
    );
    if (topics.length > 0) telemetry.log.warn(undefined, pauseWarning(type, topics));
  }
}

function pauseWarning(type: string, topics: readonly string[]): string {
  const named = topics.slice(0, MAX_NAMED).map(topic => `"${topic}"`);
  const more = topics.length > MAX_NAMED ? ` and ${topics.length - MAX_NAMED} more` : '';
  const [one, these] = topics.length === 1 ? ['topic', 'this topic'] : ['topics', 'these topics'];
  const paused = type === TOO_LARGE ? 'to sends of this size or larger' : `for ${these}`;
  return (
    `A send to ${one} ${named.join(', ')}${more} failed with ${type}, which added trace headers can cause: no headers are ` +
    `added ${paused} during the next 10 minutes. The error went to the program unchanged.`
  );
}
