// What samples of this group find when they start: a real Apache Kafka, and topics full of messages to consume.
import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { startKafka } from '../../test/support/kafka';
import type { Running } from '../groups';

/** How trace headers are spread over the messages of a topic. */
type Contexts =
  /** A producer context in each message, as single sends leave it. */
  | 'each'
  /** One for 500 messages that follow each other, as bulk sends leave it. */
  | 'bulk'
  /** No header at all. */
  | 'none';

interface Filling {
  /** Bytes of a value. */
  readonly value: number;
  readonly contexts: Contexts;
  readonly messages: number;
}

/** As many as bare kafkajs handles in about three seconds of processor time; a dearer variant stops before the end. */
const FILLINGS: readonly Filling[] = [
  { value: 100, contexts: 'each', messages: 900_000 },
  { value: 100, contexts: 'bulk', messages: 900_000 },
  { value: 100, contexts: 'none', messages: 1_000_000 },
  { value: 1000, contexts: 'each', messages: 400_000 },
  { value: 1000, contexts: 'none', messages: 400_000 },
];

const PARTITIONS = 4;
/** Messages in a record batch: the cheapest for kafkajs to read, so that nothing else hides what telemetry costs. */
const PER_BATCH = 500;

/**
 * Starts Kafka (or takes that of `KAFKA_BROKERS`) and fills the topics: 3.6 million messages, a gigabyte and a half on disk, in about a minute.
 *
 * @param scale - a share of that: a tenth is the least, and enough for a try with short samples. Default: `BENCH_SCALE`, else 1
 */
export async function start(scale = Number(process.env['BENCH_SCALE'] ?? 1)): Promise<Running> {
  const server = await startKafka();
  const kafka = new Kafka({ clientId: 'fill', brokers: [...server.brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  const topics: Record<string, { readonly topic: string; readonly messages: number }> = {};
  const names = () => Object.values(topics).map(({ topic }) => topic);
  const stop = async () => {
    await producer.disconnect();
    await admin.deleteTopics({ topics: names() });
    await admin.disconnect();
    await server.stop();
  };
  try {
    await Promise.all([admin.connect(), producer.connect()]);
    for (const { value, contexts, messages } of FILLINGS) {
      const topic = `bench-${value}-${contexts}-${randomBytes(4).toString('hex')}`;
      const filled = { topic, messages: Math.ceil((messages * scale) / PER_BATCH) * PER_BATCH };
      topics[`${value} ${contexts}`] = filled;
      await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] });
      await fill(producer, filled, value, contexts);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { env: { BENCH_BROKERS: server.brokers.join(','), BENCH_FILLED: JSON.stringify(topics) }, stop };
}

async function fill(
  producer: Producer,
  { topic, messages }: { readonly topic: string; readonly messages: number },
  size: number,
  contexts: Contexts,
): Promise<void> {
  const value = randomBytes(size / 2).toString('hex');
  for (let first = 0; first < messages; first += PER_BATCH) {
    const shared = traceparent();
    const batch = Array.from({ length: PER_BATCH }, (_, index): Message => {
      const message = {
        key: `order-${(first + index) % 100_000}`,
        value,
        partition: (first / PER_BATCH) % PARTITIONS,
      };
      if (contexts === 'none') return message;
      return { ...message, headers: { traceparent: contexts === 'bulk' ? shared : traceparent() } };
    });
    await producer.send({ topic, messages: batch });
  }
}

const traceparent = (): string =>
  `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
