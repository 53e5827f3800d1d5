import { context } from '@opentelemetry/api';
import { derive } from '../propagation/copies';
import { startBatch, type Batch } from '../telemetry/batch';
import { rememberBatch } from '../telemetry/message-span';
import { startMessage, type MessagePayload } from '../telemetry/process';
import { attempt, isSuppressed, type ClientFacts, type Telemetry } from '../telemetry/telemetry';
import { measureBatch, measureMessage, type MeasuredBatch, type Measuring } from '../telemetry/measure';
import { ConsumerHealth } from '../telemetry/metrics/consumer';
import { callWithin, together } from '../telemetry/within';
import { followConsumer, followRequests } from './events';
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
  const followed = attempt(telemetry, 'events', () => follow(telemetry, consumer, client));
  const wrapped: Wrapped = { telemetry, client, health: followed };
  wrapMethod(consumer, 'run', original => {
    return function (this: unknown, ...args: unknown[]): unknown {
      const config = telemetry.enabled
        ? attempt(telemetry, 'run', () => withHandlers(wrapped, args[0]))
        : undefined;
      return original.apply(this, config === undefined ? args : [config, ...args.slice(1)]);
    };
  });
}

/** The consumer that handlers belong to. */
interface Wrapped {
  readonly telemetry: Telemetry;
  readonly client: ClientFacts;
  readonly health: ConsumerHealth | undefined;
}

function follow(telemetry: Telemetry, consumer: Methods, client: ClientFacts): ConsumerHealth | undefined {
  const { metrics, settings } = telemetry;
  if (!metrics) return undefined;
  const health = new ConsumerHealth();
  followConsumer(telemetry, consumer, client, metrics, health);
  if (settings.requestMetrics) followRequests(telemetry, consumer, metrics);
  return health;
}

/** A config like the program's, with its handlers wrapped. kafkajs reads it once and keeps the handlers. */
function withHandlers(wrapped: Wrapped, config: unknown): unknown {
  if (typeof config !== 'object' || config === null) return undefined;
  const { eachMessage, eachBatch, eachBatchAutoResolve } = config as Methods;
  const handlers: Methods = {};
  if (isMethod(eachMessage)) handlers['eachMessage'] = wrapEachMessage(wrapped, eachMessage);
  if (isMethod(eachBatch))
    handlers['eachBatch'] = wrapEachBatch(wrapped, eachBatch, eachBatchAutoResolve !== false);
  return Object.keys(handlers).length === 0
    ? undefined
    : derive(config, CONFIG, { ...handlers, eachBatchAutoResolve });
}

function wrapEachMessage({ telemetry, client, health }: Wrapped, handler: Method): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (isOff(telemetry)) return handler.apply(this, args);
    const start = () => {
      const payload = args[0] as MessagePayload;
      const operation = startMessage(telemetry, client, payload);
      const measured = measuring(telemetry, health, to => measureMessage(to, client, payload));
      return { context: operation.context, ...together(telemetry, operation, measured) };
    };
    return callWithin(telemetry, start, () => handler.apply(this, args));
  };
}

function wrapEachBatch(
  { telemetry, client, health }: Wrapped,
  handler: Method,
  autoResolves: boolean,
): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (isOff(telemetry)) return handler.apply(this, args);
    let handed = args;
    const start = () => {
      const payload = args[0] as { readonly batch: Batch };
      const operation = startBatch(telemetry, client, payload.batch);
      if (!operation) return undefined;
      rememberBatch(telemetry, payload.batch, operation);
      const measured = measuring(telemetry, health, to =>
        measureBatch(to, client, payload.batch, autoResolves),
      );
      if (measured) handed = [watchResolving(telemetry, payload, measured), ...args.slice(1)];
      return { context: operation.context, ...together(telemetry, operation, measured) };
    };
    return callWithin(telemetry, start, () => handler.apply(this, handed));
  };
}

function measuring<Measured>(
  telemetry: Telemetry,
  health: ConsumerHealth | undefined,
  measure: (to: Measuring) => Measured,
): Measured | undefined {
  const { metrics } = telemetry;
  return metrics && health && attempt(telemetry, 'metrics', () => measure({ metrics, health }));
}

/** kafkajs's payload, whose `resolveOffset` tells how far the handler is. */
function watchResolving(telemetry: Telemetry, payload: object, { resolved }: MeasuredBatch): object {
  const { resolveOffset } = payload as Methods;
  if (!isMethod(resolveOffset)) return payload;
  return derive(payload, [], {
    resolveOffset: (...args: unknown[]): unknown => {
      const result = resolveOffset(...args);
      attempt(telemetry, 'metrics', () => {
        resolved(args[0]);
      });
      return result;
    },
  });
}

/** Asked at every call: a consumer outlives a `disable()`. */
function isOff(telemetry: Telemetry): boolean {
  return !telemetry.enabled || isSuppressed(context.active());
}
