import type { ClientLibrary } from '../../core/port';
import { KafkaJsPatch, TRACED_METHODS, kafkaClassOf, type KafkaClass } from './patch';

/** kafkajs, with every release line that has the present API. */
export const kafkaJs: ClientLibrary = {
  name: 'kafkajs',
  instrumentationName: 'kafkajs',
  packageName: 'kafkajs',
  supportedVersions: ['>=1.4.0 <3'],
  tracedMethods: TRACED_METHODS,
  // Exports the class under this path in all supported versions.
  innerFile: 'src/index.js',
  findTarget: kafkaClassOf,
  createPatch: (runtime, target, beforeClient) =>
    new KafkaJsPatch(runtime, target as KafkaClass, beforeClient),
};
