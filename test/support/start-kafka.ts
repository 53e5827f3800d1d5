import { startKafka, type KafkaServer } from './kafka';
import makeSdkFiles from './make-sdk-files';

declare global {
  /**
   * A global variable, because jest's global setup must pass the value to the global teardown. Both run in the same process.
   */
  var kafkaOfThisRun: KafkaServer | undefined;
}

/** Global setup of the e2e tests in jest: starts one Kafka for the whole run. Tests read its address from `KAFKA_BROKERS`. */
export default async function start(): Promise<void> {
  const [kafka] = await Promise.all([startKafka(), makeSdkFiles()]);
  globalThis.kafkaOfThisRun = kafka;
  process.env['KAFKA_BROKERS'] = kafka.brokers.join(',');
}
