const { Kafka, Partitioners } = require('kafkajs');
const { withMessageSpan } = require('@org/kafka-otel');

const { KAFKA_BROKERS = 'localhost:9092', INVOICES_TOPIC = 'invoices' } = process.env;

const kafka = new Kafka({ clientId: 'billing', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
// Lambda keeps the process between invocations, so all of them use one connection.
let connected;

async function bill({ value }) {
  const { item } = JSON.parse(Buffer.from(value, 'base64').toString());
  await producer.send({ topic: INVOICES_TOPIC, messages: [{ key: item, value: JSON.stringify({ item }) }] });
}

exports.handler = async event => {
  connected ??= producer.connect();
  await connected;
  // A list of records for each `topic-partition`.
  for (const records of Object.values(event.records)) {
    for (const record of records) await withMessageSpan(record, () => bill(record));
  }
};

exports.disconnect = () => producer.disconnect();
