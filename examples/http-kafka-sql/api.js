const { randomUUID } = require('node:crypto');
const { createServer } = require('node:http');
const { json } = require('node:stream/consumers');
const { Kafka, Partitioners } = require('kafkajs');

const { KAFKA_BROKERS = 'localhost:9092', ORDERS_TOPIC = 'orders', PORT = '3000' } = process.env;

const kafka = new Kafka({ clientId: 'order-api', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

async function placeOrder({ item, quantity }) {
  if (typeof item !== 'string' || !Number.isInteger(quantity)) {
    return { status: 400, body: { error: 'expected an item (string) and a quantity (integer)' } };
  }
  const order = { id: randomUUID(), item, quantity };
  await producer.send({
    topic: ORDERS_TOPIC,
    messages: [{ key: order.id, value: JSON.stringify(order) }],
  });
  return { status: 202, body: { id: order.id } };
}

async function handle(request) {
  if (request.method !== 'POST' || request.url !== '/orders') return { status: 404, body: {} };
  try {
    return await placeOrder(await json(request));
  } catch (error) {
    if (error instanceof SyntaxError) return { status: 400, body: { error: 'the body is not valid JSON' } };
    console.error(error);
    return { status: 503, body: { error: 'try again later' } };
  }
}

const server = createServer(async (request, response) => {
  const { status, body } = await handle(request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});

async function main() {
  await producer.connect();
  server.listen(Number(PORT), () => console.log(`order-api listens on port ${server.address().port}`));
}

async function stop() {
  // Disconnect the producer last, because pending requests still need it.
  await new Promise(closed => {
    server.close(closed);
    server.closeIdleConnections();
  });
  await producer.disconnect();
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().catch(fail));
main().catch(fail);
