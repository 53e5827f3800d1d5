// What AWS does before a function runs: it reads records, and passes them to the function as an event.
const { writeFileSync } = require('node:fs');
const { Kafka } = require('kafkajs');

const { KAFKA_BROKERS = 'localhost:9092', ORDERS_TOPIC = 'orders', GROUP_ID = 'billing' } = process.env;
const wanted = Number(process.argv[2]);

const kafka = new Kafka({ clientId: 'poller', brokers: KAFKA_BROKERS.split(',') });
const consumer = kafka.consumer({ groupId: GROUP_ID, maxWaitTimeInMs: 500 });

const base64 = bytes => bytes?.toString('base64') ?? null;

// Kafka allows a header to repeat.
const headersOf = headers =>
  Object.entries(headers).flatMap(([name, values]) => [values].flat().map(value => ({ [name]: [...value] })));

function toRecord(topic, partition, { offset, timestamp, key, value, headers = {} }) {
  return {
    topic,
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    timestampType: 'CREATE_TIME',
    key: base64(key),
    value: base64(value),
    headers: headersOf(headers),
  };
}

async function main() {
  const records = {};
  await consumer.connect();
  await consumer.subscribe({ topic: ORDERS_TOPIC, fromBeginning: true });
  await new Promise((resolve, reject) => {
    let count = 0;
    const eachMessage = async ({ topic, partition, message }) => {
      if (count === wanted) return;
      (records[`${topic}-${partition}`] ??= []).push(toRecord(topic, partition, message));
      if (++count === wanted) resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  const event = { eventSource: 'SelfManagedKafka', bootstrapServers: KAFKA_BROKERS, records };
  writeFileSync('event.json', JSON.stringify(event));
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
