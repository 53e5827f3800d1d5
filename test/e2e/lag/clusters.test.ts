import { Kafka, logLevel } from 'kafkajs';
import { startKafka, type KafkaServer } from '../../support/kafka';
import { createTopics, testKafka } from '../../support/topics';
import { startConsumers, until, type Point } from './consumers';
import { messages, produce } from './produce';

let other: KafkaServer;

beforeAll(async () => {
  other = await startKafka({ env: { ...process.env, KAFKA_BROKERS: '' }, progress: () => undefined });
});
afterAll(() => other.stop());

async function clusterIdOf(kafka: Kafka): Promise<string> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return (await admin.describeCluster()).clusterId;
  } finally {
    await admin.disconnect();
  }
}

test('two clusters with the same group and topic have separate lag', async () => {
  const { topic } = await createTopics({ topic: 1 });
  const far = new Kafka({ clientId: 'test', brokers: [...other.brokers], logLevel: logLevel.NOTHING });
  await produce(topic, messages(5));
  await produce(topic, messages(10), far);
  const consumers = startConsumers();
  await consumers.start('near', { group: topic, topics: [topic], plan: [{ at: 2, do: 'hang' }] });
  await consumers.start('far', {
    group: topic,
    topics: [topic],
    brokers: other.brokers,
    plan: [{ at: 4, do: 'hang' }],
  });
  await consumers.hangs('near', topic, 2);
  await consumers.hangs('far', topic, 4);
  const [nearId, farId] = [await clusterIdOf(testKafka()), await clusterIdOf(far)];
  const byCluster = (points: readonly Point[], name: string): Record<string, number> =>
    Object.fromEntries(
      points
        .filter(({ name: is }) => is === name)
        .map(({ attributes, value }) => [String(attributes['messaging.kafka.cluster.id']), value] as const),
    );
  const hanging = await consumers.collect();
  expect(byCluster(hanging, 'records_lag')).toEqual({ [nearId]: 3, [farId]: 6 });
  expect(byCluster(hanging, 'assigned_partitions')).toEqual({ [nearId]: 1, [farId]: 1 });
  await consumers.command('release', { as: 'far' });
  await until(
    async () => byCluster(await consumers.collect(), 'records_lag'),
    lag => lag[farId] === 0,
  );
  expect(byCluster(await consumers.collect(), 'records_lag')).toEqual({ [nearId]: 3, [farId]: 0 });
});
