import { derive } from '../propagation/copies';
import { Bases } from '../propagation/extract';
import { startBatch, type Batch } from '../telemetry/batch';
import { rememberBatch } from '../telemetry/message-span';
import { startMessage, type MessagePayload } from '../telemetry/process';
import type { ClientFacts } from '../telemetry/client';
import { activeIn, attempt, fault, isUnheard, type Telemetry } from '../telemetry/telemetry';
import { FollowedBatch, FollowedMessage, type Run } from '../telemetry/measured-run';
import { ConsumerHealth } from '../telemetry/metrics/consumer';
import type { Paused } from '../telemetry/metrics/partitions';
import { callAround, callWithin, Within } from '../telemetry/within';
import { watchPayload, type BatchPayload } from './batch-payload';
import { instrumentCommits } from './commits';
import { followCommits, followConsumer, followRequests } from './events';
import { isMethod, type Method, type Methods } from './types';
import { wrapMethod } from './wrap';

/** Everything that kafkajs reads of a run config. */
const CONFIG = [
  'autoCommit',
  'autoCommitInterval',
  'autoCommitThreshold',
  'eachBatchAutoResolve',
  'partitionsConsumedConcurrently',
  'eachBatch',
  'eachMessage',
];

export function instrumentConsumer(telemetry: Telemetry, consumer: Methods, client: ClientFacts): void {
  const health = attempt(telemetry, 'events', () => follow(telemetry, consumer, client));
  const handlers: Handlers = {
    telemetry,
    client,
    health,
    bases: new Bases(),
    followCommits: once(() => {
      attempt(telemetry, 'events', () => {
        followCommits(telemetry, consumer);
      });
    }),
  };
  instrumentCommits(telemetry, consumer, client, handlers.followCommits);
  wrapMethod(consumer, 'run', original => {
    return function (this: unknown, ...args: unknown[]): unknown {
      // Also while disabled: kafkajs keeps the handlers, and they look for themselves at each call.
      const config = attempt(telemetry, 'run', () => withHandlers(handlers, args[0]));
      return original.apply(this, config === undefined ? args : [config, ...args.slice(1)]);
    };
  });
}

/** What the handlers of one consumer share. */
interface Handlers {
  readonly telemetry: Telemetry;
  readonly client: ClientFacts;
  readonly health: ConsumerHealth | undefined;
  readonly bases: Bases;
  /** kafkajs's commits are listened to from the first one on that the program makes: most programs make none. */
  readonly followCommits: () => void;
}

function follow(telemetry: Telemetry, consumer: Methods, client: ClientFacts): ConsumerHealth | undefined {
  const { metrics, settings } = telemetry;
  if (!metrics) return undefined;
  const paused = () => attempt(telemetry, 'paused', () => pausedOf(consumer)) ?? [];
  const health = new ConsumerHealth(paused);
  followConsumer(telemetry, consumer, client, metrics, health);
  if (settings.requestMetrics) followRequests(telemetry, consumer);
  return health;
}

function pausedOf({ paused }: Methods): Paused {
  return isMethod(paused) ? (paused() as Paused) : [];
}

/** A config like the program's, with its handlers wrapped. kafkajs reads it once and keeps the handlers. */
function withHandlers(shared: Handlers, config: unknown): unknown {
  if (typeof config !== 'object' || config === null) return undefined;
  const { eachMessage, eachBatch, eachBatchAutoResolve } = config as Methods;
  const handlers: Methods = {};
  if (isMethod(eachMessage)) handlers['eachMessage'] = wrapEachMessage(shared, eachMessage);
  if (isMethod(eachBatch))
    handlers['eachBatch'] = wrapEachBatch(shared, eachBatch, eachBatchAutoResolve !== false);
  return Object.keys(handlers).length === 0
    ? undefined
    : derive(config, CONFIG, { ...handlers, eachBatchAutoResolve });
}

function wrapEachMessage(shared: Handlers, handler: Method): Method {
  const { telemetry, client, health, bases } = shared;
  return function (this: unknown, ...args: unknown[]): unknown {
    const active = isUnheard(telemetry) ? undefined : activeIn(telemetry);
    const payload = args[0] as MessagePayload;
    if (!active) {
      const followed = health && attempt(telemetry, 'metrics', () => new FollowedMessage(health, payload));
      return followed
        ? callAround(telemetry, followed, () => handler.apply(this, args))
        : handler.apply(this, args);
    }
    // Before the span: a sampler, a processor or a propagator that throws must not cost the metrics.
    const run = attempt(telemetry, 'metrics', () => followMessage(shared, payload));
    const start = () =>
      new Within(telemetry, startMessage(telemetry, client, payload, bases.of(active)), run);
    return callWithin(telemetry, start, () => handler.apply(this, args), run);
  };
}

function wrapEachBatch(shared: Handlers, handler: Method, autoResolves: boolean): Method {
  const { telemetry, client, health, bases, followCommits } = shared;
  return function (this: unknown, ...args: unknown[]): unknown {
    const active = isUnheard(telemetry) ? undefined : activeIn(telemetry);
    const payload = args[0] as BatchPayload;
    let handed = args;
    const watch = (followed: FollowedBatch | undefined) => {
      const watched = attempt(telemetry, 'payload', () =>
        watchPayload(telemetry, client, payload, followed, followCommits),
      );
      handed = [watched ?? payload, ...args.slice(1)];
    };
    if (!active) {
      const followed =
        health && attempt(telemetry, 'metrics', () => new FollowedBatch(health, payload.batch, autoResolves));
      if (!followed) return handler.apply(this, args);
      watch(followed);
      return callAround(telemetry, followed, () => handler.apply(this, handed));
    }
    const run = attempt(telemetry, 'metrics', () => followBatch(shared, payload.batch, autoResolves));
    watch(run);
    const start = () => {
      const operation = startBatch(telemetry, client, payload.batch, bases.of(active));
      if (!operation) return undefined;
      rememberBatch(telemetry, payload.batch, operation.messages);
      return new Within(telemetry, operation, run);
    };
    return callWithin(telemetry, start, () => handler.apply(this, handed), run);
  };
}

/** A run of a handler, measured if anybody gets to see the measurements. */
function followMessage(shared: Handlers, payload: MessagePayload): FollowedMessage | undefined {
  const { health } = shared;
  return health && measured(shared, new FollowedMessage(health, payload));
}

function followBatch(shared: Handlers, batch: Batch, autoResolves: boolean): FollowedBatch | undefined {
  const { health } = shared;
  // kafkajs hands over no empty batch; a test of the program may.
  if (!health || batch.messages.length === 0) return undefined;
  return measured(shared, new FollowedBatch(health, batch, autoResolves));
}

/** An SDK that fails costs its measurements, not the lag. */
function measured<Followed extends Run>({ telemetry, client }: Handlers, run: Followed): Followed {
  try {
    const { metrics } = telemetry;
    if (metrics?.isHeard) run.measure(metrics, client);
  } catch (error) {
    fault(telemetry, 'metrics', error);
  }
  return run;
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) run();
    isDone = true;
  };
}
