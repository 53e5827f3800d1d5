import * as kafkajs from 'kafkajs';
import type { KafkaConfig } from 'kafkajs';

/** No test with this configuration connects to a broker. */
export const config: KafkaConfig = {
  clientId: 'shop',
  brokers: ['localhost:1'],
  logLevel: kafkajs.logLevel.NOTHING,
};

/** Loads a new copy of kafkajs, because patching changes its prototypes. */
export function freshKafkajs(): typeof kafkajs {
  let fresh = kafkajs;
  jest.isolateModules(() => {
    fresh = jest.requireActual<typeof kafkajs>('kafkajs');
  });
  return fresh;
}

/** Without a partitioner, kafkajs logs a warning once per process. */
export const producerConfig = { createPartitioner: kafkajs.Partitioners.DefaultPartitioner };

/** Resolves after all callbacks that were scheduled with `process.nextTick`. */
export const nextTick = () => new Promise<void>(resolve => { process.nextTick(resolve); }); // prettier-ignore
