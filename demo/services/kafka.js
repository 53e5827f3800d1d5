// Creates the Kafka client of the services: kafkajs, or Confluent's client with KAFKA_CLIENT=confluent. They need
// different configurations, but their calls are the same.
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

/**
 * Returns the argument of `subscribe()` that reads a topic from its beginning. With Confluent's client, the
 * configuration of the consumer contains this setting instead.
 */
const subscription = topic => (KAFKA_CLIENT === 'confluent' ? { topic } : { topic, fromBeginning: true });

module.exports = { createKafka: KAFKA_CLIENT === 'confluent' ? confluent : kafkaJs, subscription };
