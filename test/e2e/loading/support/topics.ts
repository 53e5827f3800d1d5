import { randomUUID } from 'node:crypto';
import { known } from '../../../support/known-topics.cjs';
import { testKafka, withAdmin } from '../../../support/topics';

/** A topic of one test. The cluster id and the leader's address come from the broker. */
export interface Topic {
  readonly name: string;
  readonly clusterId: string;
  /** The leader of the topic's only partition. */
  readonly leader: { readonly host: string; readonly port: number };
}

export interface StoredMessage {
  readonly value: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Maximum time to read the stored messages. */
const DEADLINE_MS = 20_000;

const created: string[] = [];

// Remove the topics, because a broker from `KAFKA_BROKERS` keeps running after the tests.
afterAll(async () => {
  if (created.length > 0) await withAdmin(admin => admin.deleteTopics({ topics: created.splice(0) }));
});

/** Environment variables with the broker address, for the programs under test. */
export const brokerEnvironment = { KAFKA_BROKERS: process.env['KAFKA_BROKERS'] ?? '' };

/** Creates topics with one partition and unique names, which begin with the given names. */
export async function createTopics<const Purpose extends string>(
  purposes: readonly Purpose[],
  configEntries: { name: string; value: string }[] = [],
): Promise<Record<Purpose, Topic>> {
  return withAdmin(async admin => {
    const names = purposes.map(purpose => `${purpose}-${randomUUID()}`);
    await admin.createTopics({
      topics: names.map(topic => ({ topic, numPartitions: 1, configEntries })),
      waitForLeaders: false,
    });
    await known(admin, names);
    created.push(...names);
    const cluster = await admin.describeCluster();
    const { topics } = await admin.fetchTopicMetadata({ topics: names });
    const entries = purposes.map((purpose, index): [Purpose, Topic] => {
      const name = names[index] ?? '';
      const leader = topics.find(topic => topic.name === name)?.partitions[0]?.leader;
      const broker = cluster.brokers.find(({ nodeId }) => nodeId === leader);
      if (!broker) throw new Error(`partition 0 of ${name} has no leader`);
      return [
        purpose,
        { name, clusterId: cluster.clusterId, leader: { host: broker.host, port: broker.port } },
      ];
    });
    return Object.fromEntries(entries) as Record<Purpose, Topic>;
  });
}

/** Reads the stored messages from the beginning with an uninstrumented client. */
export async function readBack({ name }: Topic, count: number): Promise<StoredMessage[]> {
  let deadline: NodeJS.Timeout | undefined;
  const consumer = testKafka().consumer({ groupId: `read-back-${randomUUID()}` });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic: name, fromBeginning: true });
    const stored: StoredMessage[] = [];
    return await new Promise((resolve, reject) => {
      deadline = setTimeout(() => {
        reject(new Error(`${name} has only these messages: ${JSON.stringify(stored)}`));
      }, DEADLINE_MS);
      consumer
        .run({
          eachMessage: ({ message }) => {
            stored.push({ value: message.value?.toString(), headers: headersAsText(message.headers) });
            if (stored.length === count) resolve(stored);
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    clearTimeout(deadline);
    await consumer.disconnect();
  }
}

function headersAsText(headers: Readonly<Record<string, unknown>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([key, value]) => [key, String(value)]));
}
