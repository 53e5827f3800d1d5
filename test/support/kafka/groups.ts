import { Kafka, logLevel } from 'kafkajs';

/** A new coordinator loads within a few round trips; this limit only stops an endless loop. */
const ATTEMPTS = 1000;

/**
 * Waits until a broker that has just started serves consumer groups. Kafka creates the offsets topic on the first request
 * for a coordinator; without this wait, kafkajs logs an ERROR for each "coordinator not available" of the first consumer.
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
        // The coordinator is assigned but still loading.
        if (!isRetriable(error) || attempt === ATTEMPTS) throw error;
      }
    }
  } finally {
    await admin.disconnect();
  }
}

const isRetriable = (error: unknown): boolean =>
  error instanceof Error && 'retriable' in error && error.retriable === true;
