const { Kafka } = require('kafkajs');
const { sdk } = require('./tracing');

const { KAFKA_BROKERS = 'localhost:9092', SCANS_TOPIC = 'scans-oslo', GROUP_ID = 'tracker' } = process.env;

const kafka = new Kafka({ clientId: 'tracker', brokers: KAFKA_BROKERS.split(',') });
// disconnect() waits until the current messages are processed.
const consumer = kafka.consumer({ groupId: GROUP_ID, maxWaitTimeInMs: 500 });

async function track({ message }) {
  const { parcel, depot } = JSON.parse(message.value);
  console.log(`parcel ${parcel} is in ${depot}`);
}

async function main() {
  await consumer.connect();
  await consumer.subscribe({ topic: SCANS_TOPIC, fromBeginning: true });
  await consumer.run({ eachMessage: track });
  console.log('tracker is ready');
}

async function stop() {
  await consumer.disconnect();
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
