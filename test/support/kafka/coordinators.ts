import { Kafka, logLevel } from 'kafkajs';

/** Limit against an endless loop. A new broker needs only a few attempts. */
const ATTEMPTS = 1000;

/**
 * Waits until a new broker can serve consumer groups and transactions. Kafka creates the internal topics for them only at the first
 * request. Without this wait, the first consumer would log errors ("coordinator not available"), and the first transaction could fail.
 */
export async function untilCoordinatorsWork(brokers: readonly string[]): Promise<void> {
  const kafka = new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20, maxRetryTime: 200, retries: 100 },
  });
  const name = 'is-there-a-coordinator';
  const admin = kafka.admin();
  const producer = kafka.producer({ transactionalId: name });
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    await Promise.all([
      untilDone(() => admin.fetchOffsets({ groupId: name })),
      untilDone(async () => (await producer.transaction()).abort()),
    ]);
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
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
