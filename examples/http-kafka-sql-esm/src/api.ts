import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { Kafka, Partitioners } from 'kafkajs';
import { readOrder } from './order.js';
import { fail, onSignal } from './process.js';

const { KAFKA_BROKERS = 'localhost:9092', ORDERS_TOPIC = 'orders', PORT = '3000' } = process.env;

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

const kafka = new Kafka({ clientId: 'order-api', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

async function placeOrder(body: unknown): Promise<Answer> {
  const order = readOrder(randomUUID(), body);
  if (!order) return { status: 400, body: { error: 'expected an item (string) and a quantity (integer)' } };
  await producer.send({
    topic: ORDERS_TOPIC,
    messages: [{ key: order.id, value: JSON.stringify(order) }],
  });
  return { status: 202, body: { id: order.id } };
}

async function answer(request: IncomingMessage): Promise<Answer> {
  if (request.method !== 'POST' || request.url !== '/orders') return { status: 404, body: {} };
  try {
    return await placeOrder(await json(request));
  } catch (error) {
    if (error instanceof SyntaxError) return { status: 400, body: { error: 'the body is not valid JSON' } };
    console.error(error);
    return { status: 503, body: { error: 'try again later' } };
  }
}

const server = createServer((request, response) => {
  void answer(request).then(({ status, body }) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
});

onSignal(async () => {
  // Disconnect the producer last, because pending requests still need it.
  await new Promise(closed => {
    server.close(closed);
    server.closeIdleConnections();
  });
  await producer.disconnect();
});

try {
  await producer.connect();
  server.listen(Number(PORT), () => {
    const address = server.address();
    console.log(`order-api listens on port ${typeof address === 'object' ? String(address?.port) : PORT}`);
  });
} catch (error) {
  fail(error);
}
