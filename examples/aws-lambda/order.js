const { Kafka, Partitioners } = require('kafkajs');
const { sdk } = require('./tracing');

const { KAFKA_BROKERS = 'localhost:9092', ORDERS_TOPIC = 'orders' } = process.env;
const items = process.argv.slice(2);

const kafka = new Kafka({ clientId: 'shop', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

async function main() {
  await producer.connect();
  try {
    for (const item of items) {
      await producer.send({
        topic: ORDERS_TOPIC,
        messages: [{ key: item, value: JSON.stringify({ item }) }],
      });
    }
  } finally {
    await producer.disconnect();
    await sdk.shutdown();
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
