import { Kafka, logLevel, type Admin } from 'kafkajs';
import { withAdminOf } from '../support/admin';
import { startKafka } from '../support/kafka';
import type { BrokerFaults } from '../support/kafka/java';
import type { Cluster } from './fault';

/** Brokers that may be killed: never those of the environment, which others use too. */
export async function startOwnCluster(brokers: 1 | 2): Promise<Cluster & { stop(): Promise<void> }> {
  return startKafka({ brokers, env: { ...process.env, KAFKA_BROKERS: '' }, progress: () => undefined });
}

/** What a fault does its harm with. */
export function faultsOf({ faults }: Cluster): BrokerFaults {
  if (!faults)
    throw new Error('only brokers that run as processes of this machine can be killed; Docker has its own');
  return faults;
}

/** Waits until each partition of these topics is led by that node. */
export async function untilLedBy(admin: Admin, topics: readonly string[], node: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
    const leaders = metadata.topics.flatMap(({ partitions }) => partitions.map(({ leader }) => leader));
    if (leaders.length > 0 && leaders.every(leader => leader === node)) return;
    if (performance.now() > deadline) throw new Error(`led by ${leaders.join()}, not ${node}`);
  }
}

/** Runs `work` with an admin client that nothing instruments. */
export function withAdmin<Result>(
  brokers: readonly string[],
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  // One of the brokers may be down at this very time, and what is left of the cluster may take a while to say who is in charge.
  const retry = { retries: 20, initialRetryTime: 100, maxRetryTime: 1000 };
  const kafka = new Kafka({ clientId: 'outages', brokers: [...brokers], logLevel: logLevel.NOTHING, retry });
  return withAdminOf(kafka, work);
}
