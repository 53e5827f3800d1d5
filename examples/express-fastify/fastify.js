const { fastify } = require('fastify');
const { Kafka, Partitioners } = require('kafkajs');

const {
  KAFKA_BROKERS = 'localhost:9092',
  ORDERS_TOPIC = 'orders',
  DELIVERIES_TOPIC = 'deliveries',
  GROUP_ID = 'stock',
  PORT = '3001',
} = process.env;

const kafka = new Kafka({ clientId: 'stock', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
// disconnect() waits until the current messages are processed.
const consumer = kafka.consumer({ groupId: GROUP_ID, maxWaitTimeInMs: 500 });

const stock = new Map();
const app = fastify({ forceCloseConnections: 'idle' });

app.post('/deliveries', async (request, reply) => {
  const { item, quantity } = request.body;
  await producer.send({
    topic: DELIVERIES_TOPIC,
    messages: [{ key: item, value: JSON.stringify({ item, change: quantity }) }],
  });
  return reply.code(202).send({});
});

app.get('/stock/:item', async request => ({ quantity: stock.get(request.params.item) ?? 0 }));

async function count({ message }) {
  const { item, change } = JSON.parse(message.value);
  stock.set(item, (stock.get(item) ?? 0) + change);
}

app.addHook('onReady', async () => {
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: [ORDERS_TOPIC, DELIVERIES_TOPIC], fromBeginning: true });
  await consumer.run({ eachMessage: count });
});

app.addHook('onClose', async () => {
  await consumer.disconnect();
  await producer.disconnect();
});

async function main() {
  await app.listen({ port: Number(PORT) });
  console.log(`stock listens on port ${app.server.address().port}`);
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
  if (!restart) fail(error);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close().catch(fail));
main().catch(fail);
