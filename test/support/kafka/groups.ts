import { Kafka, logLevel } from 'kafkajs';

/** Far more than the few round trips that a new coordinator takes to load. */
const ATTEMPTS = 1000;

/**
 * Waits until a broker that has just started serves consumer groups. The first question for a group's coordinator makes
 * Kafka create the topic of the offsets; kafkajs would print an ERROR for each answer "not yet" to the first consumer.
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
        // The coordinator is known, but not loaded yet.
        if (!isRetriable(error) || attempt === ATTEMPTS) throw error;
      }
    }
  } finally {
    await admin.disconnect();
  }
}

const isRetriable = (error: unknown): boolean =>
  error instanceof Error && 'retriable' in error && error.retriable === true;
