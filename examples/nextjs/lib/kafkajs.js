/** The only import of kafkajs: a bundle that inlines kafkajs needs a change here only. */
export { Kafka, Partitioners } from 'kafkajs';
