import type { ClientLibrary } from '../../core/port';
import { ConfluentPatch, TRACED_METHODS, promiseApiOf, type PromiseApi } from './patch';

/**
 * The promise API of Confluent's client (`KafkaJS`). The package also contains the API of node-rdkafka, which is not traced.
 */
export const confluent: ClientLibrary = {
  name: 'confluent',
  instrumentationName: 'confluent-kafka-javascript',
  packageName: '@confluentinc/kafka-javascript',
  supportedVersions: ['>=1.0.0 <2'],
  tracedMethods: TRACED_METHODS,
  innerFile: 'lib/kafkajs/index.js',
  findTarget: promiseApiOf,
  createPatch: (runtime, target, beforeClient) =>
    new ConfluentPatch(runtime, target as PromiseApi, beforeClient),
};
