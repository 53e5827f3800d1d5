// For each order, charges the card, stores the payment and requests a receipt. An order that fails twice goes to a
// dead-letter topic. `POST /speed` with {"delayMs": 250} makes the worker slower.
const { createServer } = require('node:http');
const { json } = require('node:stream/consumers');
const { setTimeout: delay } = require('node:timers/promises');
const { Client } = require('pg');
const { createKafka, subscription } = require('./kafka');

const {
  GROUP_ID = 'payment-worker',
  ORDERS_TOPIC = 'orders',
  RECEIPTS_TOPIC = 'receipts',
  DEAD_LETTERS_TOPIC = 'orders-dead-letters',
  PORT = '3001',
} = process.env;
const ATTEMPTS = 2;

const kafka = createKafka('payment-worker');
const producer = kafka.producer();
// Fetch few messages at a time, because kafkajs learns the current lag only from a fetch.
const consumer = kafka.consumer({ groupId: GROUP_ID, maxWaitTimeInMs: 500, maxBytesPerPartition: 2048 });
const database = new Client();
let delayMs = 0;

async function charge(order) {
  if (delayMs > 0) await delay(delayMs);
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
    // The client delivers the message again, because the handler throws.
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
  const wanted = (await json(request)).delayMs;
  if (!(wanted >= 0 && wanted <= 5_000)) throw new SyntaxError('delayMs must be a number from 0 to 5000');
  delayMs = wanted;
  return { delayMs };
}

const server = createServer((request, response) => {
  if (request.method !== 'POST' || request.url !== '/speed') {
    answer(response, 404, { error: 'not found; use POST /speed' });
    return;
  }
  setSpeed(request).then(
    speed => answer(response, 200, speed),
    error => answer(response, 400, { error: error.message }),
  );
});

async function main() {
  await Promise.all([database.connect(), producer.connect(), consumer.connect()]);
  await consumer.subscribe(subscription(ORDERS_TOPIC));
  await consumer.run({ eachMessage: handle });
  server.listen(Number(PORT), '127.0.0.1', () => {
    console.log(
      `payment-worker is ready; change its speed with POST /speed on port ${server.address().port}`,
    );
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
