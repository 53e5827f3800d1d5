import { Kafka, logLevel } from 'kafkajs';

/** Limit against an endless loop. A new broker needs only a few attempts. */
const ATTEMPTS = 1000;
const NAME = 'is-there-a-coordinator';

const clientOf = (brokers: readonly string[]): Kafka =>
  new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20, maxRetryTime: 200, retries: 100 },
  });

/**
 * Waits until a new broker can serve consumer groups. Kafka creates the internal topic for group offsets only at the
 * first request. If the first consumer came too early, kafkajs would log errors ("coordinator not available").
 */
export async function untilGroupsWork(brokers: readonly string[]): Promise<void> {
  const admin = clientOf(brokers).admin();
  await admin.connect();
  try {
    await untilDone(() => admin.fetchOffsets({ groupId: NAME }));
  } finally {
    await admin.disconnect();
  }
}

/**
 * Waits until a new broker can serve transactions. Kafka creates the internal topic for transactions only at the first
 * request. If the first transaction came too early, it could fail.
 */
export async function untilTransactionsWork(brokers: readonly string[]): Promise<void> {
  const producer = clientOf(brokers).producer({ transactionalId: NAME });
  await producer.connect();
  try {
    await untilDone(async () => (await producer.transaction()).abort());
  } finally {
    await producer.disconnect();
  }
}

async function untilDone(request: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await request();
      return;
    } catch (error) {
      if (!isTemporary(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

/**
 * True if the coordinator is missing or still loading. kafkajs marks most of these errors as retriable, but not
 * `KafkaJSGroupCoordinatorNotFound`.
 */
const isTemporary = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'KafkaJSGroupCoordinatorNotFound' || ('retriable' in error && error.retriable === true));
