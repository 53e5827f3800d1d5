const { createServer } = require('node:http');
const { text } = require('node:stream/consumers');
const { Kafka, Partitioners } = require('kafkajs');
const { background } = require('./background');

const {
  KAFKA_BROKERS = 'localhost:9092',
  CLICKS_TOPIC = 'clicks',
  PORT = '3000',
  MAX_PENDING = '1000',
} = process.env;

const kafka = new Kafka({ clientId: 'click-api', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
const sends = background({
  limit: Number(MAX_PENDING),
  onError: error => console.error(`click lost: ${error.message}`),
});

async function handle(request) {
  if (request.method !== 'POST' || request.url !== '/clicks') return 404;
  const value = await text(request);
  const accepted = sends.start(() => producer.send({ topic: CLICKS_TOPIC, messages: [{ value }] }));
  return accepted ? 202 : 503;
}

const server = createServer((request, response) => {
  handle(request).then(
    status => response.writeHead(status, { 'content-type': 'application/json' }).end('{}'),
    // The client disconnected before its request was complete.
    error => response.destroy(error),
  );
});

async function main() {
  await producer.connect();
  server.listen(Number(PORT), () => console.log(`click-api listens on port ${server.address().port}`));
}

async function stop() {
  await new Promise(closed => {
    server.close(closed);
    server.closeIdleConnections();
  });
  await sends.settled();
  await producer.disconnect();
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().catch(fail));
main().catch(fail);
