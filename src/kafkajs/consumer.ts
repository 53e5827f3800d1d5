import { context } from '@opentelemetry/api';
import { derive } from '../propagation/copies';
import { startBatch, type Batch } from '../telemetry/batch';
import { rememberBatch } from '../telemetry/message-span';
import { startMessage, type MessagePayload } from '../telemetry/process';
import { attempt, isSuppressed, type ClientFacts, type Telemetry } from '../telemetry/telemetry';
import { callWithin } from '../telemetry/within';
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
  wrapMethod(consumer, 'run', original => {
    return function (this: unknown, ...args: unknown[]): unknown {
      const config = telemetry.enabled
        ? attempt(telemetry, 'run', () => withHandlers(telemetry, client, args[0]))
        : undefined;
      return original.apply(this, config === undefined ? args : [config, ...args.slice(1)]);
    };
  });
}

/** A config like the program's, with its handlers wrapped. kafkajs reads it once and keeps the handlers. */
function withHandlers(telemetry: Telemetry, client: ClientFacts, config: unknown): unknown {
  if (typeof config !== 'object' || config === null) return undefined;
  const { eachMessage, eachBatch } = config as Methods;
  const handlers: Methods = {};
  if (isMethod(eachMessage)) handlers['eachMessage'] = wrapEachMessage(telemetry, client, eachMessage);
  if (isMethod(eachBatch)) handlers['eachBatch'] = wrapEachBatch(telemetry, client, eachBatch);
  return Object.keys(handlers).length === 0 ? undefined : derive(config, CONFIG, handlers);
}

function wrapEachMessage(telemetry: Telemetry, client: ClientFacts, handler: Method): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (isOff(telemetry)) return handler.apply(this, args);
    return callWithin(
      telemetry,
      () => startMessage(telemetry, client, args[0] as MessagePayload),
      () => handler.apply(this, args),
    );
  };
}

function wrapEachBatch(telemetry: Telemetry, client: ClientFacts, handler: Method): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (isOff(telemetry)) return handler.apply(this, args);
    return callWithin(
      telemetry,
      () => {
        const { batch } = args[0] as { batch: Batch };
        const operation = startBatch(telemetry, client, batch);
        if (operation) rememberBatch(telemetry, batch, operation);
        return operation;
      },
      () => handler.apply(this, args),
    );
  };
}

/** Asked at every call: a consumer outlives a `disable()`. */
function isOff(telemetry: Telemetry): boolean {
  return !telemetry.enabled || isSuppressed(context.active());
}
