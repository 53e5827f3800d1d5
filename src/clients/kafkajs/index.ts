import type { ClientLibrary } from '../../core/port';
import { KafkaJsPatch, TRACED_METHODS, kafkaClassOf, type KafkaClass } from './patch';

export const kafkaJs: ClientLibrary = {
  name: 'kafkajs',
  instrumentationName: 'kafkajs',
  packageName: 'kafkajs',
  supportedVersions: ['>=1.4.0 <3'],
  tracedMethods: TRACED_METHODS,
  // This file exists in all supported versions and exports the `Kafka` class.
  innerFile: 'src/index.js',
  findTarget: kafkaClassOf,
  createPatch: (runtime, target, beforeClient) =>
    new KafkaJsPatch(runtime, target as KafkaClass, beforeClient),
};
