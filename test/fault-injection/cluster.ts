import { Kafka, logLevel, type Admin } from 'kafkajs';
import { withAdminOf } from '../support/admin';
import { startKafka } from '../support/kafka';
import type { BrokerFaults } from '../support/kafka/java';
import type { Cluster } from './fault';

/**
 * Starts brokers that tests may kill. Does not use the brokers of KAFKA_BROKERS, because other programs may need them.
 */
export async function startOwnCluster(brokers: 1 | 2): Promise<Cluster & { stop(): Promise<void> }> {
  return startKafka({ brokers, env: { ...process.env, KAFKA_BROKERS: '' }, progress: () => undefined });
}

export function faultsOf({ faults }: Cluster): BrokerFaults {
  if (!faults)
    throw new Error(
      'Kafka runs in Docker, where these tests cannot kill brokers: stop Docker, so that they run as local processes (Java 17)',
    );
  return faults;
}

/** Waits until the broker `node` leads every partition of these topics. */
export async function untilLedBy(admin: Admin, topics: readonly string[], node: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
    const leaders = metadata.topics.flatMap(({ partitions }) => partitions.map(({ leader }) => leader));
    if (leaders.length > 0 && leaders.every(leader => leader === node)) return;
    if (performance.now() > deadline)
      throw new Error(`After 60 s the leaders are ${leaders.join()}, expected ${node}`);
  }
}

/** The admin client has no instrumentation. */
export function withAdmin<Result>(
  brokers: readonly string[],
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  // Retry often. A broker may be down, and the others may need time to elect a controller.
  const retry = { retries: 20, initialRetryTime: 100, maxRetryTime: 1000 };
  const kafka = new Kafka({
    clientId: 'fault-injection',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry,
  });
  return withAdminOf(kafka, work);
}
