import { Kafka, logLevel } from 'kafkajs';

/** Limit against an endless loop. A new broker needs only a few attempts. */
const ATTEMPTS = 1000;

/**
 * Waits until a new broker can serve consumer groups. Kafka creates the internal topic for group offsets only at the
 * first request. If the first consumer came too early, kafkajs would log errors ("coordinator not available").
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
        // kafkajs marks an error as retriable if the group coordinator is missing or still loading.
        if (!isRetriable(error) || attempt === ATTEMPTS) throw error;
      }
    }
  } finally {
    await admin.disconnect();
  }
}

const isRetriable = (error: unknown): boolean =>
  error instanceof Error && 'retriable' in error && error.retriable === true;
