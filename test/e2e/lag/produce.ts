import { Partitioners, type Kafka, type Message } from 'kafkajs';
import { testKafka } from '../../support/topics';

/** Sends messages from the test process. */
export async function produce(topic: string, messages: Message[], kafka: Kafka = testKafka()): Promise<void> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  try {
    await producer.send({ topic, messages });
  } finally {
    await producer.disconnect();
  }
}

/** Creates messages for one partition. */
export const messages = (count: number, partition = 0): Message[] =>
  Array.from({ length: count }, (_, index) => ({ value: String(index), partition }));
