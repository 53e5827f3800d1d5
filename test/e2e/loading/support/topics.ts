import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

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

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const kafka = new Kafka({ clientId: 'test', brokers, logLevel: logLevel.NOTHING });

/** What programs under test find their broker by. */
export const brokerEnvironment = { KAFKA_BROKERS: brokers.join(',') };

/** Creates topics of one partition, named after the behaviour that they serve and unique to this run. */
export async function createTopics<const Purpose extends string>(
  purposes: readonly Purpose[],
  configEntries: { name: string; value: string }[] = [],
): Promise<Record<Purpose, Topic>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const names = purposes.map(purpose => `${purpose}-${randomUUID()}`);
    await admin.createTopics({
      topics: names.map(topic => ({ topic, numPartitions: 1, configEntries })),
    });
    const cluster = await admin.describeCluster();
    const { topics } = await admin.fetchTopicMetadata({ topics: names });
    const created = purposes.map((purpose, index): [Purpose, Topic] => {
      const name = names[index] ?? '';
      const leader = topics.find(topic => topic.name === name)?.partitions[0]?.leader;
      const broker = cluster.brokers.find(({ nodeId }) => nodeId === leader);
      if (!broker) throw new Error(`no broker leads ${name}`);
      return [
        purpose,
        { name, clusterId: cluster.clusterId, leader: { host: broker.host, port: broker.port } },
      ];
    });
    return Object.fromEntries(created) as Record<Purpose, Topic>;
  } finally {
    await admin.disconnect();
  }
}

/** Reads what the broker holds, from the first message on, with a kafkajs that nothing instruments. */
export async function readBack({ name }: Topic, count: number): Promise<StoredMessage[]> {
  let deadline: NodeJS.Timeout | undefined;
  const consumer = kafka.consumer({ groupId: `read-back-${randomUUID()}` });
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
