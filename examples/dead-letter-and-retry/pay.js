const { Kafka, Partitioners } = require('kafkajs');

const { KAFKA_BROKERS = 'localhost:9092', PAYMENTS_TOPIC = 'payments' } = process.env;
const [card, amount] = process.argv.slice(2);

const kafka = new Kafka({ clientId: 'pay', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

async function main() {
  await producer.connect();
  try {
    await producer.send({
      topic: PAYMENTS_TOPIC,
      messages: [{ key: card, value: JSON.stringify({ card, amount: Number(amount) }) }],
    });
  } finally {
    await producer.disconnect();
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
