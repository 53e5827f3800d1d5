// The Kafka client of the services: kafkajs, or Confluent's with KAFKA_CLIENT=confluent. Their configs differ, the calls do not.
const { KAFKA_BROKERS = 'localhost:9092', KAFKA_CLIENT = 'kafkajs' } = process.env;

const brokers = KAFKA_BROKERS.split(',');

function kafkaJs(clientId) {
  const { Kafka } = require('kafkajs');
  return new Kafka({ clientId, brokers });
}

function confluent(clientId) {
  const { KafkaJS } = require('@confluentinc/kafka-javascript');
  const kafka = new KafkaJS.Kafka({ kafkaJS: { clientId, brokers } });
  return {
    producer: () => kafka.producer(),
    consumer: config => kafka.consumer({ kafkaJS: { ...config, fromBeginning: true } }),
  };
}

/** Reads a topic from its beginning. Confluent's consumer has that in its config. */
const subscription = topic => (KAFKA_CLIENT === 'confluent' ? { topic } : { topic, fromBeginning: true });

module.exports = { createKafka: KAFKA_CLIENT === 'confluent' ? confluent : kafkaJs, subscription };
