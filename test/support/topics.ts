import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { withAdminOf } from './admin';
import { known } from './known-topics.cjs';

const created: string[] = [];

// A broker from `KAFKA_BROKERS` outlives this run, so remove the topics.
afterAll(async () => {
  if (created.length > 0)
    await withAdmin(admin => admin.deleteTopics({ topics: created.splice(0), timeout: 10_000 }));
});

/**
 * Creates topics with unique names: `{ orders: 3 }` returns `{ orders: 'orders-5f3a91c2' }` with three partitions.
 * Without this, the first send to a new topic is slow, and a consumer may not see the topic for minutes.
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

/** Runs `work` with an admin client connected to the broker of this run. */
export const withAdmin = <Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> =>
  withAdminOf(testKafka(), work);

/** The kafkajs client of the test itself, which is not instrumented. */
export function testKafka(): Kafka {
  return new Kafka({
    clientId: 'test',
    brokers: (process.env['KAFKA_BROKERS'] ?? '').split(','),
    logLevel: logLevel.NOTHING,
    // A new topic is available within milliseconds.
    retry: { initialRetryTime: 25, retries: 10 },
  });
}

/** The attributes that a span must have for the leader of a partition and its cluster, read from the broker. */
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
