const { Kafka } = require('kafkajs');

const { KAFKA_BROKERS = 'localhost:9092', ORDERS_TOPIC = 'orders', GROUP_ID = 'worker' } = process.env;

const kafka = new Kafka({ clientId: 'worker', brokers: KAFKA_BROKERS.split(',') });
// disconnect() waits until the current messages are processed.
const consumer = kafka.consumer({ groupId: GROUP_ID, maxWaitTimeInMs: 500 });

async function pack({ message }) {
  const { item, quantity } = JSON.parse(message.value);
  console.log(`packing ${quantity} × ${item}`);
}

async function main() {
  await consumer.connect();
  await consumer.subscribe({ topic: ORDERS_TOPIC, fromBeginning: true });
  await consumer.run({ eachMessage: pack });
  console.log('worker is ready');
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
