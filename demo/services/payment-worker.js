// Charges the card of each order, books the payment, and asks for a receipt. A payment that fails twice is set aside.
// How long it dwells on an order can be set while it runs: `POST /speed` with {"dwellMs": 250}.
const { createServer } = require('node:http');
const { json } = require('node:stream/consumers');
const { setTimeout: dwell } = require('node:timers/promises');
const { Kafka } = require('kafkajs');
const { Client } = require('pg');

const {
  KAFKA_BROKERS = 'localhost:9092',
  GROUP_ID = 'payment-worker',
  ORDERS_TOPIC = 'orders',
  RECEIPTS_TOPIC = 'receipts',
  DEAD_LETTERS_TOPIC = 'orders-dead-letters',
  PORT = '3001',
} = process.env;
const ATTEMPTS = 2;

const kafka = new Kafka({ clientId: 'payment-worker', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer();
// Few orders at a time: with each fetch Kafka tells anew how many are waiting.
const consumer = kafka.consumer({ groupId: GROUP_ID, maxWaitTimeInMs: 500, maxBytesPerPartition: 2048 });
const database = new Client();
let dwellMs = 0;

async function charge(order) {
  if (dwellMs > 0) await dwell(dwellMs);
  if (order.card === 'declined') throw new Error(`card declined for ${order.item}`);
}

async function pay(order) {
  await charge(order);
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

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

async function setSpeed(request) {
  const wanted = (await json(request)).dwellMs;
  if (!(wanted >= 0 && wanted <= 5_000)) throw new SyntaxError('dwellMs is a number from 0 to 5000');
  dwellMs = wanted;
  return { dwellMs };
}

const server = createServer((request, response) => {
  if (request.method !== 'POST' || request.url !== '/speed') {
    answer(response, 404, { error: 'POST /speed is all there is' });
    return;
  }
  setSpeed(request).then(
    speed => answer(response, 200, speed),
    error => answer(response, 400, { error: error.message }),
  );
});

async function main() {
  await Promise.all([database.connect(), producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: ORDERS_TOPIC, fromBeginning: true });
  await consumer.run({ eachMessage: handle });
  server.listen(Number(PORT), '127.0.0.1', () => {
    console.log(`payment-worker is ready; its speed is set on port ${server.address().port}`);
  });
}

process.once('SIGTERM', async () => {
  server.close();
  server.closeIdleConnections();
  await consumer.disconnect();
  await Promise.all([producer.disconnect(), database.end()]);
});

main().catch(error => {
  console.error(error);
  process.exit(1);
});
