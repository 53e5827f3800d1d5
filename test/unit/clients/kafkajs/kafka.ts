import * as kafkajs from 'kafkajs';
import type { KafkaConfig } from 'kafkajs';

/** A client configuration without a broker: no test here connects. */
export const config: KafkaConfig = {
  clientId: 'shop',
  brokers: ['localhost:1'],
  logLevel: kafkajs.logLevel.NOTHING,
};

/** A new copy of kafkajs, since patching changes its prototypes. */
export function freshKafkajs(): typeof kafkajs {
  let fresh = kafkajs;
  jest.isolateModules(() => {
    fresh = jest.requireActual<typeof kafkajs>('kafkajs');
  });
  return fresh;
}

/** kafkajs warns once per process if a producer names no partitioner. */
export const producerConfig = { createPartitioner: kafkajs.Partitioners.DefaultPartitioner };

/** Resolves after everything that was scheduled with `process.nextTick`. */
export const nextTick = () => new Promise<void>(resolve => { process.nextTick(resolve); }); // prettier-ignore
