import { Kafka, logLevel } from 'kafkajs';
import type { Program } from '../support/program';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');

/** Topics and groups that a demo has made on the broker, by the suffix of its orders topic. */
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

/** What a demo has put behind the names of its topics. */
export const suffixIn = (program: Program): string =>
  /topic orders(-demo-\w+)/.exec(program.stdout)?.[1] ?? 'none';
