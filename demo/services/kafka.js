// The Kafka client of the services: kafkajs, or Confluent's with KAFKA_CLIENT=confluent. The two differ only in their config.
// The calls are the same.
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

/** Subscribes to a topic from its beginning. For Confluent's consumer, the beginning is set in the config of the consumer. */
const subscription = topic => (KAFKA_CLIENT === 'confluent' ? { topic } : { topic, fromBeginning: true });

module.exports = { createKafka: KAFKA_CLIENT === 'confluent' ? confluent : kafkaJs, subscription };
