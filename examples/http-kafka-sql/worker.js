const { Kafka } = require('kafkajs');
const { Pool } = require('pg');

const {
  KAFKA_BROKERS = 'localhost:9092',
  ORDERS_TOPIC = 'orders',
  GROUP_ID = 'order-worker',
  DATABASE_URL,
} = process.env;

const kafka = new Kafka({ clientId: 'order-worker', brokers: KAFKA_BROKERS.split(',') });
// disconnect() waits until the current messages are processed.
const consumer = kafka.consumer({ groupId: GROUP_ID, maxWaitTimeInMs: 500 });
// Without DATABASE_URL, pg reads PGHOST, PGUSER and so on.
const database = new Pool({ connectionString: DATABASE_URL });

async function store({ message }) {
  const { id, item, quantity } = JSON.parse(message.value.toString());
  // Ignore an order that is already stored: Kafka may deliver a message more than once.
  await database.query(
    'INSERT INTO orders (id, item, quantity) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING',
    [id, item, quantity],
  );
}

async function main() {
  await database.query('SELECT 1');
  await consumer.connect();
  await consumer.subscribe({ topic: ORDERS_TOPIC, fromBeginning: true });
  await consumer.run({ eachMessage: store });
  console.log('order-worker is ready');
}

async function stop() {
  await consumer.disconnect();
  await database.end();
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

database.on('error', error => console.error(error));
consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
  if (!restart) fail(error);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().catch(fail));
main().catch(fail);
