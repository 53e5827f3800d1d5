import { Kafka, Partitioners } from './kafkajs.js';

const { KAFKA_BROKERS = 'localhost:9092' } = process.env;

let connected;

/** One producer for the server, connected at the first use. */
export function connectedProducer() {
  connected ??= connect().catch(error => {
    connected = undefined;
    throw error;
  });
  return connected;
}

async function connect() {
  const kafka = new Kafka({ clientId: 'shop', brokers: KAFKA_BROKERS.split(',') });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  return producer;
}
