const { Kafka, Partitioners } = require('kafkajs');
const { sdk } = require('./tracing');

const {
  KAFKA_BROKERS = 'localhost:9092',
  CLICKS_TOPIC = 'clicks',
  LOGINS_TOPIC = 'logins',
  HEARTBEATS_TOPIC = 'heartbeats',
} = process.env;
const visits = Number(process.argv[2] ?? 100);

const kafka = new Kafka({ clientId: 'site', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

async function main() {
  await producer.connect();
  try {
    await producer.send({ topic: HEARTBEATS_TOPIC, messages: [{ value: 'alive' }] });
    await producer.send({
      topic: LOGINS_TOPIC,
      messages: [{ key: 'monitor', value: 'login', headers: { 'x-synthetic': '1' } }],
    });
    await producer.send({ topic: LOGINS_TOPIC, messages: [{ key: 'visitor', value: 'login' }] });
    for (let visit = 0; visit < visits; visit++) {
      await producer.send({ topic: CLICKS_TOPIC, messages: [{ key: String(visit), value: 'click' }] });
    }
  } finally {
    await producer.disconnect();
    await sdk.shutdown();
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
