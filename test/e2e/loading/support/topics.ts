import { randomUUID } from 'node:crypto';
import { known } from '../../../support/known-topics.cjs';
import { testKafka, withAdmin } from '../../../support/topics';

/** A topic made for one test, with what the broker itself says about where it lives. */
export interface Topic {
  readonly name: string;
  readonly clusterId: string;
  /** The broker that leads its only partition. */
  readonly leader: { readonly host: string; readonly port: number };
}

export interface StoredMessage {
  readonly value: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** A message that is not there by then will not come. */
const DEADLINE_MS = 20_000;

const created: string[] = [];

// A broker that was given by its address may live on after this run.
afterAll(async () => {
  if (created.length > 0) await withAdmin(admin => admin.deleteTopics({ topics: created.splice(0) }));
});

/** What programs under test find their broker by. */
export const brokerEnvironment = { KAFKA_BROKERS: process.env['KAFKA_BROKERS'] ?? '' };

/** Creates topics of one partition, named after the behaviour that they serve and unique to this run. */
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
      if (!broker) throw new Error(`no broker leads ${name}`);
      return [
        purpose,
        { name, clusterId: cluster.clusterId, leader: { host: broker.host, port: broker.port } },
      ];
    });
    return Object.fromEntries(entries) as Record<Purpose, Topic>;
  });
}

/** Reads what the broker holds, from the first message on, with a kafkajs that nothing instruments. */
export async function readBack({ name }: Topic, count: number): Promise<StoredMessage[]> {
  let deadline: NodeJS.Timeout | undefined;
  const consumer = testKafka().consumer({ groupId: `read-back-${randomUUID()}` });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic: name, fromBeginning: true });
    const stored: StoredMessage[] = [];
    return await new Promise((resolve, reject) => {
      deadline = setTimeout(() => {
        reject(new Error(`${name} holds only ${JSON.stringify(stored)}`));
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
