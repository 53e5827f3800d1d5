const express = require('express');
const { Kafka, Partitioners } = require('kafkajs');

const { KAFKA_BROKERS = 'localhost:9092', ORDERS_TOPIC = 'orders', PORT = '3000' } = process.env;

const kafka = new Kafka({ clientId: 'order-api', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

const app = express();
app.use(express.json());

app.post('/orders', async (request, response) => {
  const { item, quantity } = request.body;
  await producer.send({
    topic: ORDERS_TOPIC,
    messages: [{ key: item, value: JSON.stringify({ item, change: -quantity }) }],
  });
  response.status(202).json({});
});

// Express 5 passes the rejection of an async handler to this one. It is recognised by its four parameters.
app.use((error, _request, response, next) => {
  if (response.headersSent) return next(error);
  console.error(error);
  response.status(error.status ?? 503).json({ error: 'not accepted' });
});

async function main() {
  await producer.connect();
  const server = app.listen(Number(PORT), () =>
    console.log(`order-api listens on port ${server.address().port}`),
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop(server).catch(fail));
}

async function stop(server) {
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

main().catch(fail);
