import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');

test('a message that plain kafkajs produces to a new topic comes back from the broker of this run', async () => {
  const topic = `broker-${randomUUID()}`;
  const kafka = new Kafka({ clientId: 'broker-test', brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: topic });
  try {
    await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
    expect(await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })).toBe(true);
    const [sent] = await producer.send({ topic, messages: [{ key: 'k', value: 'hello' }] });
    expect(sent).toMatchObject({ topicName: topic, partition: 0, baseOffset: '0', errorCode: 0 });

    await consumer.subscribe({ topic, fromBeginning: true });
    const received = await new Promise((resolve, reject) => {
      consumer
        .run({
          eachMessage: ({ partition, message }) => {
            resolve({
              partition,
              offset: message.offset,
              key: String(message.key),
              value: String(message.value),
            });
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
    expect(received).toEqual({ partition: 0, offset: '0', key: 'k', value: 'hello' });
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
  }
});
