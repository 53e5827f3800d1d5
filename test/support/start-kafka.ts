import { startKafka, type KafkaServer } from './kafka';
import makeSdkFile from './make-sdk-file';

declare global {
  /** Passed from jest's global setup to its global teardown, which run in the same process. */
  var kafkaOfThisRun: KafkaServer | undefined;
}

/** jest's globalSetup of the e2e tests: one Kafka for the whole run. Workers read its address from `KAFKA_BROKERS`. */
export default async function start(): Promise<void> {
  const [kafka] = await Promise.all([startKafka(), makeSdkFile()]);
  globalThis.kafkaOfThisRun = kafka;
  process.env['KAFKA_BROKERS'] = kafka.brokers.join(',');
}
