const { Kafka, Partitioners } = require('kafkajs');

const { KAFKA_BROKERS = 'localhost:9092', PHOTOS_TOPIC = 'photos' } = process.env;
const names = process.argv.slice(2);

const kafka = new Kafka({ clientId: 'upload', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

async function main() {
  await producer.connect();
  try {
    for (const name of names) {
      await producer.send({
        topic: PHOTOS_TOPIC,
        messages: [{ key: name, value: JSON.stringify({ name }) }],
      });
    }
  } finally {
    await producer.disconnect();
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
