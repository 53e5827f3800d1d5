import { Kafka, logLevel } from 'kafkajs';
import { known } from '../test/support/known-topics.cjs';

export interface Names {
  readonly orders: string;
  readonly receipts: string;
  readonly deadLetters: string;
  readonly paymentGroup: string;
  readonly receiptGroup: string;
}

/** On a shared broker, pass a suffix, so that two runs of the demo do not use the same topics. */
export function namesWith(suffix: string): Names {
  return {
    orders: `orders${suffix}`,
    receipts: `receipts${suffix}`,
    deadLetters: `orders-dead-letters${suffix}`,
    paymentGroup: `payment-worker${suffix}`,
    receiptGroup: `receipt-mailer${suffix}`,
  };
}

/** Few and quick retries, so that the demo soon reports an unavailable broker. */
const adminOf = (brokers: readonly string[]) =>
  new Kafka({
    clientId: 'demo',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    // Limits the wait for a server that accepts the connection but is no Kafka broker.
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, retries: 3 },
  }).admin();

/** @throws Error if the brokers do not answer */
export async function createTopics(brokers: readonly string[], names: Names): Promise<void> {
  const admin = adminOf(brokers);
  try {
    await admin.connect().catch((error: unknown) => {
      throw new Error(
        `Kafka does not answer on ${brokers.join(', ')} (${reasonOf(error)}). Start Kafka, or set KAFKA_BROKERS=host:port to use another one.`,
        { cause: error },
      );
    });
    const topics = [
      { topic: names.orders, numPartitions: 3 },
      { topic: names.receipts, numPartitions: 1 },
      { topic: names.deadLetters, numPartitions: 1 },
    ];
    try {
      await admin.createTopics({ waitForLeaders: false, topics });
      await known(
        admin,
        topics.map(({ topic }) => topic),
      );
    } catch (error) {
      throw new Error(`Kafka on ${brokers.join(', ')} did not create the topics: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  } finally {
    await admin.disconnect();
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Deletes the topics and groups of the demo. A shared broker keeps running after the demo, so they would stay there.
 */
export async function deleteTopics(brokers: readonly string[], names: Names): Promise<void> {
  const admin = adminOf(brokers);
  try {
    await admin.connect();
    await admin.deleteTopics({ topics: [names.orders, names.receipts, names.deadLetters] });
    await admin.deleteGroups([names.paymentGroup, names.receiptGroup]);
  } finally {
    await admin.disconnect();
  }
}
