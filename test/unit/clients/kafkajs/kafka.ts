import * as kafkajs from 'kafkajs';
import type { KafkaConfig } from 'kafkajs';

/** A client configuration that never gets to connect: every test here ends before there would be a broker. */
export const config: KafkaConfig = {
  clientId: 'shop',
  brokers: ['localhost:1'],
  logLevel: kafkajs.logLevel.NOTHING,
};

/** A copy of kafkajs of its own, since patching changes its prototypes. */
export function freshKafkajs(): typeof kafkajs {
  let fresh = kafkajs;
  jest.isolateModules(() => {
    fresh = jest.requireActual<typeof kafkajs>('kafkajs');
  });
  return fresh;
}

/** kafkajs warns once per process where a producer names no partitioner. */
export const producerConfig = { createPartitioner: kafkajs.Partitioners.DefaultPartitioner };

/** When everything that was put off to the next tick has happened. */
export const nextTick = () => new Promise<void>(resolve => { process.nextTick(resolve); }); // prettier-ignore
