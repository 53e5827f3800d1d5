import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { startCollector } from '../support/collector';
import { startKafka, type KafkaServer } from '../support/kafka';
import { known } from '../support/known-topics.cjs';
import type { ReceivedSpan } from '../support/otlp';
import { otlpEnvironment, startProgram } from '../support/program';

/** Returns the address of a partition's leader, as the broker reports it. */
type Leader = (topic: string, partition: number) => string;

let kafka: KafkaServer;
let spans: readonly ReceivedSpan[];
let leader: Leader;
const suffix = randomBytes(4).toString('hex');
const topics = { left: `left-${suffix}`, right: `right-${suffix}`, spread: `spread-${suffix}` };

beforeAll(async () => {
  kafka = await startKafka({ brokers: 2, env: { ...process.env, KAFKA_BROKERS: '' } });
  const client = new Kafka({ clientId: 'test', brokers: [...kafka.brokers], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  leader = await createLedTopics(admin);
  await admin.disconnect();

  const collector = await startCollector();
  try {
    const program = startProgram({
      file: 'fixtures/conformance/leaders.cjs',
      execArgv: ['--require', './fixtures/tracing.cjs'],
      env: {
        ...otlpEnvironment(collector, { service: 'leaders' }),
        KAFKA_BROKERS: kafka.brokers.join(','),
        NODE_NO_WARNINGS: '1',
        TOPICS: JSON.stringify(topics),
      },
    });
    await program.line(/^done$/, 60_000);
    await program.exit;
    ({ spans } = collector);
  } finally {
    await collector.close();
  }
}, 120_000);

afterAll(() => kafka.stop());

/** The first replica of a partition is its leader. */
async function createLedTopics(admin: Admin): Promise<Leader> {
  const { brokers } = await admin.describeCluster();
  const [one = -1, other = -1] = brokers.map(({ nodeId }) => nodeId).sort();
  const assigned = { left: [one], right: [other], spread: [one, other] };
  await admin.createTopics({
    waitForLeaders: false,
    topics: (Object.keys(assigned) as (keyof typeof assigned)[]).map(role => ({
      topic: topics[role],
      replicaAssignment: assigned[role].map((node, partition) => ({ partition, replicas: [node] })),
    })),
  });
  await known(admin, Object.values(topics));
  const metadata = await admin.fetchTopicMetadata({ topics: Object.values(topics) });
  return (topic, partition) => {
    const found = metadata.topics
      .find(({ name }) => name === topic)
      ?.partitions.find(({ partitionId }) => partitionId === partition);
    const broker = brokers.find(({ nodeId }) => nodeId === found?.leader);
    return `${broker?.host ?? '?'}:${broker?.port ?? '?'}`;
  };
}

const serverOf = ({ attributes }: ReceivedSpan): string | undefined => {
  const { 'server.address': host, 'server.port': port } = attributes;
  return typeof host === 'string' ? `${host}:${Number(port)}` : undefined;
};

const sent = (topic: string) => spans.filter(({ name }) => name === `send ${topic}`).map(serverOf);

test('the topics of the test have different leaders', () => {
  expect(leader(topics.left, 0)).not.toBe(leader(topics.right, 0));
  expect([leader(topics.left, 0), leader(topics.right, 0)].sort()).toEqual([...kafka.brokers].sort());
});

test('a send span has the address of the partition leader, and none if there are two leaders', () => {
  expect(sent(topics.left)).toEqual([leader(topics.left, 0)]);
  expect(sent(topics.right)).toEqual([leader(topics.right, 0)]);
  expect(sent(topics.spread)).toEqual([undefined]);
});

test('a process span has the address of the leader of its partition', () => {
  const consumed = spans
    .filter(({ kind }) => kind === 'CONSUMER')
    .map(span => {
      const { 'messaging.destination.name': topic, 'messaging.kafka.partition': partition } = span.attributes;
      return [topic, partition, serverOf(span)];
    });
  const expected = [
    [topics.left, 0],
    [topics.right, 0],
    [topics.spread, 0],
    [topics.spread, 1],
  ] as const;
  expect(consumed).toHaveLength(expected.length);
  expect(new Set(consumed)).toEqual(
    new Set(expected.map(([topic, partition]) => [topic, partition, leader(topic, partition)])),
  );
});
