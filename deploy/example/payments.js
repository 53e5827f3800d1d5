// Consumes the orders.
const { Kafka } = require('kafkajs');

const { KAFKA_BROKERS = 'localhost:9092', ORDERS_TOPIC = 'orders' } = process.env;
const kafka = new Kafka({ clientId: 'payments', brokers: KAFKA_BROKERS.split(',') });
const consumer = kafka.consumer({ groupId: `payments-of-${ORDERS_TOPIC}` });

async function main() {
  process.once('SIGTERM', () => {
    consumer.disconnect().catch(console.error);
  });
  await consumer.connect();
  await consumer.subscribe({ topic: ORDERS_TOPIC, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      console.log(`paid ${message.value}`);
    },
  });
}

main().catch(error => {
  console.error(error);
  process.exit(1);
});
