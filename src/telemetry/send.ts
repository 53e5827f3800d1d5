import type { Context } from '@opentelemetry/api';
import type { ClientFacts } from './client';
import { attempt, type Telemetry } from './telemetry';
import { TopicSend } from './topic-send';
import type { Ending } from './within';

/** Topics in one call above which it gets a single span: a fan-out to hundreds of topics is one operation to its reader. */
const MAX_TOPICS = 16;

/** The messages of one topic in a call. A call may name a topic several times; kafkajs merges those, in order. */
export interface Outgoing {
  readonly topic: string;
  /** Empty also where kafkajs will refuse what stands in their place. */
  readonly messages: readonly unknown[];
  readonly isMalformed?: boolean;
  /** The messages as kafkajs gets them, where those are copies with trace headers. */
  sent?: readonly unknown[];
}

/** A send under way: one or more spans, and what each message is to carry. */
export interface SendOperation extends Ending {
  /** What each of its spans goes to. */
  readonly destinations: readonly (string | undefined)[];
  /** The context that a message carries to its consumer; `undefined` where it keeps its own headers. */
  contextFor(entry: Outgoing, message: number): Context | undefined;
}

/**
 * Starts the spans of a `send()` or `sendBatch()`: one per topic, or a single one without a destination.
 *
 * @param entries - what the call sends; empty where its arguments are such that kafkajs will reject them
 */
export function startSend(
  telemetry: Telemetry,
  client: ClientFacts,
  entries: readonly Outgoing[],
  active: Context,
): SendOperation {
  const [first] = entries;
  if (!first || entries.length > 1) return new ManySends(telemetry, client, entries, active);
  return new OneSend(startOne(telemetry, client, first.topic, entries, active), first.topic);
}

/** A call with messages for one topic, as nearly all are. */
class OneSend implements SendOperation {
  readonly destinations: readonly [string];

  constructor(
    private readonly send: TopicSend | undefined,
    topic: string,
  ) {
    this.destinations = [topic];
  }

  contextFor(entry: Outgoing, message: number): Context | undefined {
    return this.send?.contextFor(entry, message);
  }

  end(result: unknown): void {
    this.send?.end(result);
  }

  fail(error: unknown): void {
    this.send?.fail(error);
  }
}

class ManySends implements SendOperation {
  readonly destinations: readonly (string | undefined)[];
  readonly #sends: readonly TopicSend[];
  readonly #byEntry = new Map<Outgoing, TopicSend>();

  constructor(telemetry: Telemetry, client: ClientFacts, entries: readonly Outgoing[], active: Context) {
    this.destinations = destinationsOf(entries);
    this.#sends = this.destinations.flatMap(topic => {
      const ofTopic = topic === undefined ? entries : entries.filter(entry => entry.topic === topic);
      const send = startOne(telemetry, client, topic, ofTopic, active);
      for (const entry of ofTopic) if (send) this.#byEntry.set(entry, send);
      return send ?? [];
    });
  }

  contextFor(entry: Outgoing, message: number): Context | undefined {
    return this.#byEntry.get(entry)?.contextFor(entry, message);
  }

  end(result: unknown): void {
    for (const send of this.#sends) send.end(result);
  }

  fail(error: unknown): void {
    for (const send of this.#sends) send.fail(error);
  }
}

/** What the spans of a call go to; `undefined` stands for no topic in particular. */
export function destinationsOf(entries: readonly Outgoing[]): readonly (string | undefined)[] {
  const [first] = entries;
  if (first && entries.length === 1) return [first.topic];
  const topics = new Set(entries.map(entry => entry.topic));
  return topics.size > MAX_TOPICS || topics.size === 0 ? [undefined] : [...topics];
}

function startOne(
  telemetry: Telemetry,
  client: ClientFacts,
  topic: string | undefined,
  entries: readonly Outgoing[],
  active: Context,
): TopicSend | undefined {
  // Messages that cannot even be looked at (a getter throws) will fail in kafkajs too, and that is to be told.
  return (
    attempt(telemetry, 'send', () => new TopicSend(telemetry, client, topic, entries, active)) ??
    orNone(() => new TopicSend(telemetry, client, topic, [], active))
  );
}

/** A second try, after the cause of the first one's failure has been logged. */
function orNone(start: () => TopicSend): TopicSend | undefined {
  try {
    return start();
  } catch {
    return undefined;
  }
}
