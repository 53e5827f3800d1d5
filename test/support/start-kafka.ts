import { startKafka, type KafkaServer } from './kafka';
import makeSdkFile from './make-sdk-file';

declare global {
  /** Handed from jest's global setup to its global teardown, which share one process. */
  var kafkaOfThisRun: KafkaServer | undefined;
}

/** jest's globalSetup of the e2e tests: one Kafka for the whole run, which the workers find in `KAFKA_BROKERS`. */
export default async function start(): Promise<void> {
  const [kafka] = await Promise.all([startKafka(), makeSdkFile()]);
  globalThis.kafkaOfThisRun = kafka;
  process.env['KAFKA_BROKERS'] = kafka.brokers.join(',');
}
