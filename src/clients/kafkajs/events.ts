import { reportCommit } from '../../core/commit';
import type { ConsumerEvents, RequestEvents } from '../../core/port';
import { contextOfCall, type Runtime } from '../../runtime';
import { attempt } from '../../support/guard';
import { isMethod, wrapMethod, type Methods } from '../../support/wrap';
import { partitionsOf } from '../shared/commits';

/** The fields that the listeners read of kafkajs's event payloads, of all events. */
interface Payload {
  readonly topic: string;
  readonly partition: number;
  readonly highWatermark: string;
  readonly firstOffset: string | null;
  readonly lastOffset: string | null;
  readonly batchSize: number;
  readonly memberAssignment: Readonly<Record<string, readonly number[]>> | undefined;
  readonly error: unknown;
  readonly restart: boolean;
  readonly apiName: string;
  readonly broker: string;
  /** In milliseconds. */
  readonly duration: number;
}

type Listener = (payload: Payload) => void;

/**
 * Reports a consumer's life. kafkajs builds an event only if someone listens, so only events that a metric needs have a
 * listener.
 */
export function observeConsumer(runtime: Runtime, consumer: Methods, events: ConsumerEvents): void {
  if (!runtime.metrics) return;
  listen(runtime, consumer, {
    // Not REBALANCING: a member that the group has expelled, for example because it hangs, gets none.
    GROUP_JOIN({ memberAssignment }) {
      events.joined(memberAssignment ?? {});
      events.heartbeat();
    },
    HEARTBEAT() {
      events.heartbeat();
    },
    START_BATCH_PROCESS({ topic, partition, highWatermark, firstOffset, lastOffset, batchSize }) {
      events.fetched(topic, partition, {
        highWatermark: Number(highWatermark),
        firstOffset: Number(firstOffset ?? NaN),
        lastOffset: Number(lastOffset ?? NaN),
        count: batchSize,
      });
    },
    END_BATCH_PROCESS({ topic, partition, lastOffset }) {
      events.completed(topic, partition, Number(lastOffset ?? NaN));
    },
    STOP() {
      events.left();
    },
    DISCONNECT() {
      events.left();
    },
    CRASH({ error, restart }) {
      events.crashed(causeOfCrash(error), restart);
    },
  });
  // A consumer that seeks to the end of a partition fetches nothing from then on, so no event reports that it caught up.
  wrapMethod(
    consumer,
    'seek',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const result = original.apply(this, args);
        attempt(runtime, 'seek', () => {
          const { topic, partition, offset } = args[0] as {
            topic: string;
            partition: number;
            offset: string;
          };
          events.sought(topic, partition, Number(offset));
        });
        return result;
      },
  );
}

/** kafkajs's retrier wraps an error in one of these when it gives up; before 2.0 without a `cause`. */
const RETRIER_ERRORS = ['KafkaJSNonRetriableError', 'KafkaJSNumberOfRetriesExceeded'];

/** The error that crashed a consumer, such as a `TypeError` in a handler. */
function causeOfCrash(error: unknown): unknown {
  const {
    name = '',
    cause,
    originalError,
  } = error as {
    readonly name?: string;
    readonly cause?: unknown;
    readonly originalError?: unknown;
  };
  return RETRIER_ERRORS.includes(name) ? (cause ?? originalError ?? error) : error;
}

/** Reports the requests of a client, with the option `requestMetrics`. */
export function observeRequests(runtime: Runtime, client: Methods): void {
  if (!runtime.metrics || !runtime.settings.requestMetrics) return;
  const report = (call: (events: RequestEvents) => void) => {
    const { metrics } = runtime;
    if (metrics && contextOfCall(runtime)) call(metrics);
  };
  listen(runtime, client, {
    REQUEST({ apiName, broker, duration }) {
      report(events => {
        events.requested(apiName, broker, duration / 1000);
      });
    },
    REQUEST_TIMEOUT({ apiName, broker }) {
      report(events => {
        events.timedOut(apiName, broker);
      });
    },
  });
}

/** Reports what a consumer commits, to tell a commit from a call that found none due. */
export function observeCommits(runtime: Runtime, consumer: Methods): void {
  listen(runtime, consumer, {
    COMMIT_OFFSETS(payload) {
      reportCommit(partitionsOf(payload) ?? []);
    },
  });
}

/** kafkajs does not guard listeners: one that throws fails a batch or ends the process. Older releases lack some events. */
function listen(runtime: Runtime, client: Methods, listeners: Readonly<Record<string, Listener>>): void {
  attempt(runtime, 'events', () => {
    const { events, on } = client as { events?: Readonly<Record<string, unknown>>; on?: unknown };
    if (!isMethod(on)) return;
    for (const [name, listener] of Object.entries(listeners)) {
      const event = events?.[name];
      if (typeof event !== 'string') continue;
      on.call(client, event, guardListener(runtime, name, listener));
    }
  });
}

/**
 * Not inside `listen`: kafkajs's cluster holds the listener, and what is known of a client holds the cluster. A closure that
 * shares a scope with the client would keep it alive after it has disconnected.
 */
function guardListener(runtime: Runtime, name: string, listener: Listener): (emitted: unknown) => void {
  return emitted => {
    attempt(runtime, name, () => {
      listener(((emitted as { payload?: unknown }).payload ?? {}) as Payload);
    });
  };
}
