import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

/** What spans must say of a broker that is alone in its cluster. */
export interface Broker {
  readonly brokers: readonly string[];
  readonly cluster: string;
  readonly host: string;
  readonly port: number;
}

/** Asks Kafka who it is. */
export async function describe(brokers: readonly string[]): Promise<Broker> {
  return withAdmin(brokers, async admin => {
    const { clusterId, brokers: nodes } = await admin.describeCluster();
    const [node, ...more] = nodes;
    if (!node || more.length > 0) throw new Error(`the matrix wants one broker; there are ${nodes.length}`);
    return { brokers, cluster: clusterId, host: node.host, port: node.port };
  });
}

/** Topics that the programs use by role; `made` they make themselves. */
const ROLES = ['one', 'forwarded', 'many', 'batch', 'left', 'right', 'paid', 'unpaid', 'made'] as const;

export type Role = (typeof ROLES)[number];
export type Topics = Readonly<Record<Role, string>>;

/** Runs `work` with topics that nobody else has, of one partition each, and deletes them. */
export async function withTopics<Result>(
  brokers: readonly string[],
  work: (topics: Topics) => Promise<Result>,
): Promise<Result> {
  const suffix = randomBytes(4).toString('hex');
  const topics = Object.fromEntries(ROLES.map(role => [role, `${role}-${suffix}`])) as Record<Role, string>;
  const existing = Object.values(topics).filter(topic => topic !== topics.made);
  await withAdmin(brokers, async admin => {
    await admin.createTopics({ topics: existing.map(topic => ({ topic })), waitForLeaders: false });
    await untilKnown(() => admin.fetchTopicMetadata({ topics: existing }));
  });
  try {
    return await work(topics);
  } finally {
    await withAdmin(brokers, admin => admin.deleteTopics({ topics: existing, timeout: 10_000 }));
  }
}

/** A topic that has just been made may be unknown for a moment, which ends kafkajs's own waiting with an error. */
async function untilKnown(ask: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** With this repository's own kafkajs, whatever the row's is. */
async function withAdmin<Result>(
  brokers: readonly string[],
  work: (admin: ReturnType<Kafka['admin']>) => Promise<Result>,
): Promise<Result> {
  const admin = new Kafka({ clientId: 'test', brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
