import { Kafka, logLevel } from 'kafkajs';
// A private class of kafkajs through which all clients emit their events.
import Emitter from 'kafkajs/src/instrumentation/emitter';
import type { Watch } from './watch';

type Listener = (event: object) => void;

/** Creates a kafkajs client. Watches its cluster object, whose properties the instrumentation reads. */
export function watchedKafka(watch: Watch, brokers: string[]): Kafka {
  const kafka = new Kafka({
    clientId: 'internal-failures',
    brokers,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 10, maxRetryTime: 10, retries: 5 },
  });
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (!symbol)
    throw new Error(
      'This version of kafkajs has no method "private:Kafka:createCluster". Adapt watchedKafka to this version.',
    );
  const privates = kafka as unknown as Record<symbol, (...args: unknown[]) => object>;
  const create = privates[symbol];
  privates[symbol] = (...args) => watch.reads('cluster', create?.(...args) ?? {});
  return kafka;
}

/**
 * Watches which properties of events the listeners read.
 *
 * @returns a function that stops the watching of new listeners
 */
export function watchEvents(watch: Watch): () => void {
  const before = Object.getOwnPropertyDescriptor(Emitter.prototype, 'addListener') ?? {};
  const addListener = before.value as (this: Emitter, name: string, listener: Listener) => () => void;
  Emitter.prototype.addListener = function (name: string, listener: Listener) {
    return addListener.call(this, name, event => {
      listener(watch.reads('event', event));
    });
  };
  return () => {
    Object.defineProperty(Emitter.prototype, 'addListener', before);
  };
}
