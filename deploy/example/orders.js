// Sends an order every second.
const { Kafka } = require('kafkajs');

const { KAFKA_BROKERS = 'localhost:9092', ORDERS_TOPIC = 'orders' } = process.env;
const producer = new Kafka({ clientId: 'orders', brokers: KAFKA_BROKERS.split(',') }).producer();

async function main() {
  await producer.connect();
  const timer = setInterval(() => {
    producer
      .send({ topic: ORDERS_TOPIC, messages: [{ value: JSON.stringify({ item: 'lamp' }) }] })
      .then(() => console.log('ordered'), console.error);
  }, 1000);
  process.once('SIGTERM', () => {
    clearInterval(timer);
    producer.disconnect().catch(console.error);
  });
}

main().catch(error => {
  console.error(error);
  process.exit(1);
});
