import { reportCommit } from '../../core/commit';
import type { ConsumerEvents, RequestEvents } from '../../core/port';
import { contextOfCall, type Runtime } from '../../runtime';
import { attempt } from '../../support/guard';
import { isMethod, type Methods } from '../../support/wrap';
import { partitionsOf } from '../shared/commits';
import { observeSeeks } from '../shared/methods';

/** The fields that our listeners read from the payloads of kafkajs's events. Each event has only some of them. */
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

/** Adds listeners only for the events that a metric needs, because kafkajs creates an event only if it has a listener. */
export function observeConsumer(runtime: Runtime, consumer: Methods, events: ConsumerEvents): void {
  if (!runtime.metrics) return;
  listen(runtime, consumer, {
    // REBALANCING is not used, because kafkajs does not emit it for a member that the group has expelled.
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
  observeSeeks(runtime, consumer, (topic, partition, offset) => {
    events.sought(topic, partition, offset);
  });
}

/**
 * When kafkajs stops retrying, it wraps the error in one of these classes. Before kafkajs 2.0, the wrapper has no `cause`.
 */
const RETRIER_ERRORS = ['KafkaJSNonRetriableError', 'KafkaJSNumberOfRetriesExceeded'];

/** Returns the original error that crashed a consumer, such as a `TypeError` in a handler. */
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

/** Reports the requests of a client to its brokers, if the option `requestMetrics` is on. */
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

/** Reports which partitions were really committed, because a commit method may return without having committed anything. */
export function observeCommits(runtime: Runtime, consumer: Methods): void {
  listen(runtime, consumer, {
    COMMIT_OFFSETS(payload) {
      reportCommit(partitionsOf(payload) ?? []);
    },
  });
}

/**
 * Adds listeners that never throw. kafkajs does not catch their errors, so an error would make a batch fail or end the
 * process. Events that an older kafkajs does not have are skipped.
 */
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
 * This function is not part of `listen`, because a closure created there would refer to the client. Our `ClientInfo`
 * refers to the cluster, and the cluster refers to the listener, so a disconnected client would then stay in memory.
 */
function guardListener(runtime: Runtime, name: string, listener: Listener): (emitted: unknown) => void {
  return emitted => {
    attempt(runtime, name, () => {
      listener(((emitted as { payload?: unknown }).payload ?? {}) as Payload);
    });
  };
}
