const { Kafka } = require('kafkajs');
const { registry } = require('./registry');

const {
  KAFKA_BROKERS = 'localhost:9092',
  READINGS_TOPIC = 'readings',
  GROUP_ID = 'alarm',
  TOO_HOT = '35',
} = process.env;

const kafka = new Kafka({ clientId: 'alarm', brokers: KAFKA_BROKERS.split(',') });
// disconnect() waits until the current messages are processed.
const consumer = kafka.consumer({ groupId: GROUP_ID, maxWaitTimeInMs: 500 });

async function watch({ message }) {
  const { sensor, celsius } = await registry.decode(message.value);
  console.log(`${sensor}: ${celsius} °C${celsius > Number(TOO_HOT) ? ', too hot' : ''}`);
}

async function main() {
  await consumer.connect();
  await consumer.subscribe({ topic: READINGS_TOPIC, fromBeginning: true });
  await consumer.run({ eachMessage: watch });
  console.log('alarm is ready');
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
  if (!restart) fail(error);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => consumer.disconnect().catch(fail));
main().catch(fail);
