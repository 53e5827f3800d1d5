const { Kafka } = require('kafkajs');
const { sdk } = require('./tracing');

const {
  KAFKA_BROKERS = 'localhost:9092',
  CLICKS_TOPIC = 'clicks',
  LOGINS_TOPIC = 'logins',
  HEARTBEATS_TOPIC = 'heartbeats',
  GROUP_ID = 'counter',
} = process.env;

const kafka = new Kafka({ clientId: 'counter', brokers: KAFKA_BROKERS.split(',') });
// disconnect() waits until the current messages are processed.
const consumer = kafka.consumer({ groupId: GROUP_ID, maxWaitTimeInMs: 500 });

const counts = new Map();

async function count({ topic }) {
  counts.set(topic, (counts.get(topic) ?? 0) + 1);
}

async function main() {
  await consumer.connect();
  await consumer.subscribe({ topics: [CLICKS_TOPIC, LOGINS_TOPIC, HEARTBEATS_TOPIC], fromBeginning: true });
  await consumer.run({ eachMessage: count });
  console.log('counter is ready');
}

async function stop() {
  await consumer.disconnect();
  for (const [topic, total] of counts) console.log(`${topic}: ${total}`);
  await sdk.shutdown();
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
  if (!restart) fail(error);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().catch(fail));
main().catch(fail);
