import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { withAdminOf } from '../support/admin';

/** The cluster id and the leaders of partitions, as Kafka reports them. Spans must have the same values. */
export interface Cluster {
  readonly id: string;
  readonly leaders: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
}

/** Roles of topics. The program itself creates the topic with the role `made`. */
const ROLES = ['one', 'forwarded', 'many', 'batch', 'left', 'right', 'paid', 'unpaid', 'made'] as const;

export type Role = (typeof ROLES)[number];
export type Topics = Readonly<Record<Role, string>>;

/** Creates topics with unique names and one partition each, runs `work`, and deletes the topics. */
export async function withTopics<Result>(
  brokers: readonly string[],
  work: (topics: Topics, cluster: Cluster) => Promise<Result>,
): Promise<Result> {
  const suffix = randomBytes(4).toString('hex');
  const topics = Object.fromEntries(ROLES.map(role => [role, `${role}-${suffix}`])) as Record<Role, string>;
  const existing = Object.values(topics).filter(topic => topic !== topics.made);
  const cluster = await withAdmin(brokers, async admin => {
    await admin.createTopics({ topics: existing.map(topic => ({ topic })), waitForLeaders: false });
    return untilKnown(() => describe(admin, existing));
  });
  try {
    return await work(topics, cluster);
  } finally {
    await withAdmin(brokers, admin => admin.deleteTopics({ topics: existing, timeout: 10_000 }));
  }
}

async function describe(admin: Admin, topics: string[]): Promise<Cluster> {
  const { clusterId, brokers } = await admin.describeCluster();
  const metadata = await admin.fetchTopicMetadata({ topics });
  const leaders = metadata.topics.map(({ name, partitions: [partition] }) => {
    const leader = brokers.find(({ nodeId }) => nodeId === partition?.leader);
    if (!leader) throw new Error(`${name} has no leader yet`);
    return [name, { host: leader.host, port: leader.port }] as const;
  });
  return { id: clusterId, leaders: Object.fromEntries(leaders) };
}

/** Repeats `ask` while the broker does not know a new topic. kafkajs would fail instead of waiting. */
async function untilKnown<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** Uses the kafkajs of the repository, not the version under test. */
const withAdmin = <Result>(
  brokers: readonly string[],
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> =>
  withAdminOf(new Kafka({ clientId: 'test', brokers: [...brokers], logLevel: logLevel.NOTHING }), work);
