import { errorType } from '../telemetry/errors';
import type { ConsumerHealth } from '../telemetry/metrics/consumer';
import type { Metrics } from '../telemetry/metrics/metrics';
import { witnessCommit } from '../telemetry/settle';
import type { ClientFacts } from '../telemetry/client';
import { attempt, isOff, isSuppressed, type Telemetry } from '../telemetry/telemetry';
import { offsetsOf, type OffsetsByTopic } from './commits';
import { followSeeks } from './seeks';
import { isMethod, type Methods } from './types';

/** What the listeners read of kafkajs's event payloads, by event. */
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
  readonly topics: OffsetsByTopic['topics'];
}

type Listener = (payload: Payload) => void;

/**
 * Listens to a consumer's events for its health: rebalances, progress, crashes. kafkajs builds an event only if somebody
 * listens, and gives each client ten listeners before Node warns, so there is one for each event that a metric needs.
 * State follows every event: a consumer that leaves its group while the instrumentation is disabled must not stay "running".
 */
export function followConsumer(
  telemetry: Telemetry,
  consumer: Methods,
  client: ClientFacts,
  metrics: Metrics,
  health: ConsumerHealth,
): void {
  const { partitions } = health;
  const watch = () => {
    if (!isSuppressed()) metrics.watch(health, client);
  };
  const listeners: Record<string, Listener> = {
    GROUP_JOIN({ memberAssignment }) {
      // REBALANCING is not told to a member that the group has expelled, and one that hangs is expelled.
      const isRebalance = health.joined(memberAssignment ?? {}, Date.now());
      watch();
      if (isRebalance)
        count(telemetry, counted => {
          counted.rebalanced(client);
        });
    },
    HEARTBEAT() {
      health.heartbeat(Date.now());
    },
    START_BATCH_PROCESS({ topic, partition, highWatermark, firstOffset, lastOffset, batchSize }) {
      partitions.fetched(topic, partition, {
        highWatermark: Number(highWatermark),
        firstOffset: Number(firstOffset ?? NaN),
        lastOffset: Number(lastOffset ?? NaN),
        size: batchSize,
      });
    },
    END_BATCH_PROCESS({ topic, partition, lastOffset }) {
      partitions.completed(topic, partition, Number(lastOffset ?? NaN));
    },
    STOP() {
      health.left();
    },
    DISCONNECT() {
      health.left();
    },
    CRASH({ error, restart }) {
      health.crashed();
      watch();
      count(telemetry, counted => {
        counted.crashed(client, errorType(crashCause(error)), restart);
      });
    },
  };
  listen(telemetry, consumer, listeners);
  followSeeks(telemetry, consumer, partitions);
}

/** What kafkajs's retrier wraps an error in once it gives up; before 2.0 without a `cause`. */
const GIVEN_UP = ['KafkaJSNonRetriableError', 'KafkaJSNumberOfRetriesExceeded'];

/** The error that a consumer has crashed of: a `TypeError` in a handler, not what kafkajs makes of it. */
function crashCause(error: unknown): unknown {
  const { name = '', cause, originalError } = error as Wrapper;
  return GIVEN_UP.includes(name) ? (cause ?? originalError ?? error) : error;
}

interface Wrapper {
  readonly name?: string;
  readonly cause?: unknown;
  readonly originalError?: unknown;
}

/** Listens to the requests that a client makes of its brokers. */
export function followRequests(telemetry: Telemetry, client: Methods): void {
  listen(telemetry, client, {
    REQUEST({ apiName, broker, duration }) {
      count(telemetry, metrics => {
        metrics.requested(apiName, broker, duration / 1000);
      });
    },
    REQUEST_TIMEOUT({ apiName, broker }) {
      count(telemetry, metrics => {
        metrics.timedOut(apiName, broker);
      });
    },
  });
}

/** Counts, unless the instrumentation is disabled, its metrics are off, or tracing is suppressed. */
function count(telemetry: Telemetry, record: (metrics: Metrics) => void): void {
  if (isOff(telemetry)) return;
  const { metrics } = telemetry;
  if (metrics) record(metrics);
}

/** Listens to what a consumer commits, so that a commit can be told from a call that found none due. */
export function followCommits(telemetry: Telemetry, consumer: Methods): void {
  listen(telemetry, consumer, {
    COMMIT_OFFSETS({ topics = [] }) {
      witnessCommit(offsetsOf({ topics }) ?? []);
    },
  });
}

/** kafkajs does not guard listeners: one that throws fails a batch, or ends the process. Older releases lack some events. */
function listen(telemetry: Telemetry, client: Methods, listeners: Readonly<Record<string, Listener>>): void {
  const { events, on } = client as { events?: Readonly<Record<string, unknown>>; on?: unknown };
  if (!isMethod(on)) return;
  for (const [name, listener] of Object.entries(listeners)) {
    const event = events?.[name];
    if (typeof event !== 'string') continue;
    on.call(client, event, (emitted: unknown) => {
      attempt(telemetry, name, () => {
        listener(((emitted as { payload?: unknown }).payload ?? {}) as Payload);
      });
    });
  }
}
