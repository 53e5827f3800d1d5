import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { withAdminOf } from './admin';
import { known } from './known-topics.cjs';

const created: string[] = [];

// Remove the topics, because a broker from `KAFKA_BROKERS` keeps running after the tests.
afterAll(async () => {
  if (created.length > 0)
    await withAdmin(admin => admin.deleteTopics({ topics: created.splice(0), timeout: 10_000 }));
});

/**
 * Creates topics with unique names: `{ orders: 3 }` creates a topic with three partitions and returns `{ orders:
 * 'orders-5f3a91c2' }`. If a topic does not exist, the first send is slow, and a consumer may not find the topic for
 * minutes.
 */
export async function createTopics<Name extends string>(
  partitions: Readonly<Record<Name, number>>,
): Promise<Record<Name, string>> {
  const suffix = randomBytes(4).toString('hex');
  const roles = Object.keys(partitions) as Name[];
  const names = Object.fromEntries(roles.map(role => [role, `${role}-${suffix}`])) as Record<Name, string>;
  await withAdmin(async admin => {
    await admin.createTopics({
      topics: roles.map(role => ({ topic: names[role], numPartitions: partitions[role] })),
      waitForLeaders: false,
    });
    await known(admin, Object.values(names));
  });
  created.push(...Object.values<string>(names));
  return names;
}

export const withAdmin = <Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> =>
  withAdminOf(testKafka(), work);

/** Creates an uninstrumented kafkajs client for the test itself. */
export function testKafka(): Kafka {
  return new Kafka({
    clientId: 'test',
    brokers: (process.env['KAFKA_BROKERS'] ?? '').split(','),
    logLevel: logLevel.NOTHING,
    // Retry quickly, because a new topic is available within milliseconds.
    retry: { initialRetryTime: 25, retries: 10 },
  });
}

/** Reads from the broker which attributes a span must have for the cluster and for the leader of a partition. */
export async function leaderAttributes(topic: string, partition = 0): Promise<Record<string, unknown>> {
  return withAdmin(async admin => {
    const { brokers, clusterId } = await admin.describeCluster();
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const leader = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader;
    const broker = brokers.find(({ nodeId }) => nodeId === leader);
    return {
      'messaging.kafka.cluster.id': clusterId,
      'server.address': broker?.host,
      'server.port': broker?.port,
    };
  });
}
