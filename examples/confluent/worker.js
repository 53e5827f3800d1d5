const { KafkaJS } = require('@confluentinc/kafka-javascript');

const {
  KAFKA_BROKERS = 'localhost:9092',
  ORDERS_TOPIC = 'orders',
  INVOICES_TOPIC = 'invoices',
  GROUP_ID = 'worker',
} = process.env;

const kafka = new KafkaJS.Kafka({ kafkaJS: { clientId: 'worker', brokers: KAFKA_BROKERS.split(',') } });
const producer = kafka.producer({ 'transactional.id': GROUP_ID });
const consumer = kafka.consumer({
  kafkaJS: { groupId: GROUP_ID, fromBeginning: true, autoCommit: false },
});

/** Sends the invoice and commits the offset in one transaction: both happen, or neither. */
async function handle({ topic, partition, message }) {
  const transaction = await producer.transaction();
  try {
    await transaction.send({
      topic: INVOICES_TOPIC,
      messages: [{ key: message.key, value: message.value }],
    });
    const offset = String(Number(message.offset) + 1);
    await transaction.sendOffsets({
      consumer,
      topics: [{ topic, partitions: [{ partition, offset }] }],
    });
    await transaction.commit();
  } catch (error) {
    await transaction.abort();
    // The client logs it, and delivers the message again.
    throw error;
  }
}

async function main() {
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: ORDERS_TOPIC });
  await consumer.run({ eachMessage: handle });
  console.log('worker is ready');
}

async function stop() {
  await consumer.disconnect();
  await producer.disconnect();
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().catch(fail));
main().catch(fail);
