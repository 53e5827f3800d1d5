import { Kafka, logLevel } from 'kafkajs';

/** What the services of one demo call their topics and consumer groups. */
export interface Names {
  readonly orders: string;
  readonly receipts: string;
  readonly deadLetters: string;
  readonly paymentGroup: string;
  readonly receiptGroup: string;
}

/** Plain names on a broker of our own; with a suffix where a broker may have others' topics, or another demo's. */
export function namesWith(suffix: string): Names {
  return {
    orders: `orders${suffix}`,
    receipts: `receipts${suffix}`,
    deadLetters: `orders-dead-letters${suffix}`,
    paymentGroup: `payment-worker${suffix}`,
    receiptGroup: `receipt-mailer${suffix}`,
  };
}

/** Few and quick attempts: the broker is there, or the demo should say that it is not. */
const adminOf = (brokers: readonly string[]) =>
  new Kafka({
    clientId: 'demo',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    // What takes the connection and says nothing is no Kafka.
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, retries: 3 },
  }).admin();

/** @throws Error that names the brokers when they do not answer. */
export async function createTopics(brokers: readonly string[], names: Names): Promise<void> {
  const admin = adminOf(brokers);
  try {
    await admin.connect().catch((error: unknown) => {
      throw new Error(
        `no Kafka answers on ${brokers.join(', ')} (${reasonOf(error)}): start it, or give another one in KAFKA_BROKERS=host:port`,
        { cause: error },
      );
    });
    await admin
      .createTopics({
        waitForLeaders: true,
        topics: [
          { topic: names.orders, numPartitions: 3 },
          { topic: names.receipts, numPartitions: 1 },
          { topic: names.deadLetters, numPartitions: 1 },
        ],
      })
      .catch((error: unknown) => {
        throw new Error(`Kafka on ${brokers.join(', ')} did not create the topics: ${reasonOf(error)}`, {
          cause: error,
        });
      });
  } finally {
    await admin.disconnect();
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Removes what the demo leaves on a broker that goes on without it: topics and consumer groups. */
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
