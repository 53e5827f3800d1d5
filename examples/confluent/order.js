const { KafkaJS } = require('@confluentinc/kafka-javascript');

const { KAFKA_BROKERS = 'localhost:9092', ORDERS_TOPIC = 'orders' } = process.env;
const items = process.argv.slice(2);

const kafka = new KafkaJS.Kafka({ kafkaJS: { clientId: 'order', brokers: KAFKA_BROKERS.split(',') } });
const producer = kafka.producer();

async function main() {
  await producer.connect();
  try {
    await producer.send({
      topic: ORDERS_TOPIC,
      messages: items.map(item => ({ key: item, value: JSON.stringify({ item }) })),
    });
  } finally {
    await producer.disconnect();
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
