import { Kafka, logLevel } from 'kafkajs';

/** Maximum number of attempts, to prevent an endless loop. A new broker needs only a few. */
const ATTEMPTS = 1000;

/**
 * Waits until a new broker can serve consumer groups. Kafka creates the internal topic for group offsets only at the first request.
 * Without this wait, kafkajs would log errors ("coordinator not available") for the first consumer.
 */
export async function untilGroupsWork(brokers: readonly string[]): Promise<void> {
  const admin = new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20, maxRetryTime: 200, retries: 100 },
  }).admin();
  await admin.connect();
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        await admin.fetchOffsets({ groupId: 'is-there-a-coordinator' });
        return;
      } catch (error) {
        // kafkajs marks the errors of a missing or loading coordinator as retriable.
        if (!isRetriable(error) || attempt === ATTEMPTS) throw error;
      }
    }
  } finally {
    await admin.disconnect();
  }
}

const isRetriable = (error: unknown): boolean =>
  error instanceof Error && 'retriable' in error && error.retriable === true;
