import { startKafka, type KafkaServer } from './kafka';
import { untilTransactionsWork } from './kafka/coordinators';
import makeSdkFiles from './make-sdk-files';

declare global {
  /**
   * A global variable, because jest passes no values from the global setup to the global teardown. Both run in the same
   * process.
   */
  var kafkaOfThisRun: KafkaServer | undefined;
}

/**
 * Jest's global setup for the e2e tests. Starts one Kafka for the whole run. Tests read its address from
 * `KAFKA_BROKERS`.
 */
export default async function start(): Promise<void> {
  const [kafka] = await Promise.all([startKafka(), makeSdkFiles()]);
  globalThis.kafkaOfThisRun = kafka;
  await untilTransactionsWork(kafka.brokers);
  process.env['KAFKA_BROKERS'] = kafka.brokers.join(',');
}
