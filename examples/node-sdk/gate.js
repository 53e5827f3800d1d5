const { createServer } = require('node:http');
const { json } = require('node:stream/consumers');
const { Kafka, Partitioners } = require('kafkajs');
const { sdk } = require('./tracing');

const {
  KAFKA_BROKERS = 'localhost:9092',
  SCANS_TOPIC = 'scans-oslo',
  DEPOT = 'oslo',
  PORT = '3000',
} = process.env;

const kafka = new Kafka({ clientId: 'gate', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

async function publish({ parcels, lane }) {
  await producer.send({
    topic: SCANS_TOPIC,
    messages: parcels.map(parcel => ({
      key: parcel,
      value: JSON.stringify({ parcel, depot: DEPOT }),
      headers: { 'x-lane': lane },
    })),
  });
}

async function handle(request) {
  if (request.method !== 'POST' || request.url !== '/scans') return { status: 404, body: {} };
  try {
    await publish(await json(request));
    return { status: 202, body: {} };
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
  server.listen(Number(PORT), () => console.log(`gate listens on port ${server.address().port}`));
}

async function stop() {
  await new Promise(closed => {
    server.close(closed);
    server.closeIdleConnections();
  });
  await producer.disconnect();
  await sdk.shutdown();
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().catch(fail));
main().catch(fail);
