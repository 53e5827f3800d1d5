import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { withAdminOf } from './admin';
import { known } from './known-topics.cjs';

const created: string[] = [];

// A broker that was given by its address may live on after this run.
afterAll(async () => {
  if (created.length > 0)
    await withAdmin(admin => admin.deleteTopics({ topics: created.splice(0), timeout: 10_000 }));
});

/**
 * Creates topics under names that nobody else has: `{ orders: 3 }` gives `{ orders: 'orders-5f3a91c2' }` with three
 * partitions. The first send to a topic that does not exist is slow, and a consumer of one may miss it for minutes.
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

/** Runs `work` with a connected admin client of the broker of this run. */
export const withAdmin = <Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> =>
  withAdminOf(testKafka(), work);

/** A client of the test itself, which no instrumentation touches. */
export function testKafka(): Kafka {
  return new Kafka({
    clientId: 'test',
    brokers: (process.env['KAFKA_BROKERS'] ?? '').split(','),
    logLevel: logLevel.NOTHING,
    // A topic that has just been made is there within milliseconds.
    retry: { initialRetryTime: 25, retries: 10 },
  });
}

/** What spans say of a partition's leader and of its cluster, by Kafka's own account. */
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
