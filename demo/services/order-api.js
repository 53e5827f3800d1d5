// Receives orders over HTTP and sends them to Kafka.
const { randomUUID } = require('node:crypto');
const { createServer } = require('node:http');
const { json } = require('node:stream/consumers');
const { createKafka } = require('./kafka');

const { ORDERS_TOPIC = 'orders', HOST = '127.0.0.1', PORT = '3000' } = process.env;

const kafka = createKafka('order-api');
const producer = kafka.producer();

async function placeOrder(request) {
  const order = { ...(await json(request)), id: randomUUID() };
  await producer.send({
    topic: ORDERS_TOPIC,
    messages: [{ key: order.id, value: JSON.stringify(order) }],
  });
  return { id: order.id };
}

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

const server = createServer((request, response) => {
  if (request.method !== 'POST' || request.url !== '/orders') {
    answer(response, 404, { error: 'not found; use POST /orders' });
    return;
  }
  placeOrder(request).then(
    order => answer(response, 202, order),
    error => answer(response, error instanceof SyntaxError ? 400 : 503, { error: error.message }),
  );
});

async function main() {
  await producer.connect();
  server.listen(Number(PORT), HOST, () => {
    console.log(`order-api listens on port ${server.address().port}`);
  });
}

process.once('SIGTERM', () => {
  server.close();
  server.closeIdleConnections();
  void producer.disconnect();
});

main().catch(error => {
  console.error(error);
  process.exit(1);
});
