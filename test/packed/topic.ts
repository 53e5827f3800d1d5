import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import type { Topic } from '../e2e/loading/support/topics';
import { known } from '../support/known-topics.cjs';

/** Creates a topic with a unique name and one partition, and runs `work`. */
export async function withTopic<Result>(work: (topic: Topic) => Promise<Result>): Promise<Result> {
  const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
  const admin = new Kafka({ clientId: 'packed', brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const name = `packed-${randomUUID()}`;
  try {
    await admin.createTopics({ topics: [{ topic: name, numPartitions: 1 }], waitForLeaders: false });
    await known(admin, [name]);
    const { brokers: nodes, clusterId } = await admin.describeCluster();
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    const leader = nodes.find(({ nodeId }) => nodeId === topics[0]?.partitions[0]?.leader);
    if (!leader) throw new Error(`Topic ${name} has no leader`);
    return await work({ name, clusterId, leader: { host: leader.host, port: leader.port } });
  } finally {
    await admin.deleteTopics({ topics: [name] });
    await admin.disconnect();
  }
}
