import { Kafka, logLevel } from 'kafkajs';
import type { Program } from '../support/program';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');

/**
 * Returns the topics and groups of a demo that are still on the broker. The suffix of the topic names identifies the
 * demo.
 */
export async function leftBehind(suffix: string): Promise<string[]> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const [topics, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()]);
    return [...topics, ...groups.map(({ groupId }) => groupId)].filter(name => name.endsWith(suffix));
  } finally {
    await admin.disconnect();
  }
}

/** Asks the broker for the number of messages in a topic. */
export async function messagesIn(topic: string): Promise<number> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  } finally {
    await admin.disconnect();
  }
}

/** The suffix that a demo adds to the names of its topics. */
export const suffixIn = (program: Program): string =>
  /topic orders(-demo-\w+)/.exec(program.stdout)?.[1] ?? 'none';
