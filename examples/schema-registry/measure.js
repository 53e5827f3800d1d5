const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { SchemaType } = require('@kafkajs/confluent-schema-registry');
const { Kafka, Partitioners } = require('kafkajs');
const { registry } = require('./registry');

const { KAFKA_BROKERS = 'localhost:9092', READINGS_TOPIC = 'readings' } = process.env;
const [sensor, celsius] = process.argv.slice(2);

const kafka = new Kafka({ clientId: 'measure', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

async function main() {
  const schema = readFileSync(join(__dirname, 'reading.avsc'), 'utf8');
  const { id } = await registry.register(
    { type: SchemaType.AVRO, schema },
    { subject: `${READINGS_TOPIC}-value` },
  );
  await producer.connect();
  try {
    const value = await registry.encode(id, { sensor, celsius: Number(celsius) });
    await producer.send({ topic: READINGS_TOPIC, messages: [{ key: sensor, value }] });
  } finally {
    await producer.disconnect();
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
