// Charges the card of each order, books the payment, and asks for a receipt. A payment that fails twice is set aside.
const { Kafka } = require('kafkajs');
const { Client } = require('pg');

const {
  KAFKA_BROKERS = 'localhost:9092',
  GROUP_ID = 'payment-worker',
  ORDERS_TOPIC = 'orders',
  RECEIPTS_TOPIC = 'receipts',
  DEAD_LETTERS_TOPIC = 'orders-dead-letters',
} = process.env;
const ATTEMPTS = 2;

const kafka = new Kafka({ clientId: 'payment-worker', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: GROUP_ID, maxWaitTimeInMs: 500 });
const database = new Client();

function charge(order) {
  if (order.card === 'declined') throw new Error(`card declined for ${order.item}`);
}

async function pay(order) {
  charge(order);
  await database.query('INSERT INTO payments (order_id, item, amount) VALUES ($1, $2, $3)', [
    order.id,
    order.item,
    order.amount,
  ]);
  await producer.send({
    topic: RECEIPTS_TOPIC,
    messages: [{ key: order.id, value: JSON.stringify({ item: order.item, amount: order.amount }) }],
  });
}

const failures = new Map();

async function handle({ partition, message }) {
  const delivery = `${partition}/${message.offset}`;
  try {
    await pay(JSON.parse(message.value));
  } catch (error) {
    const attempt = (failures.get(delivery) ?? 0) + 1;
    failures.set(delivery, attempt);
    // Kafka delivers again what a handler has thrown at.
    if (attempt < ATTEMPTS) throw error;
    const { key, value, headers } = message;
    await producer.send({
      topic: DEAD_LETTERS_TOPIC,
      messages: [{ key, value, headers: { ...headers, reason: error.message } }],
    });
  }
  failures.delete(delivery);
}

async function main() {
  await Promise.all([database.connect(), producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: ORDERS_TOPIC, fromBeginning: true });
  await consumer.run({ eachMessage: handle });
  console.log('payment-worker is ready');
}

process.once('SIGTERM', async () => {
  await consumer.disconnect();
  await Promise.all([producer.disconnect(), database.end()]);
});

main().catch(error => {
  console.error(error);
  process.exit(1);
});
