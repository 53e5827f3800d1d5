import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { startKafka } from '../../test/support/kafka';
import type { Running } from '../groups';

/** Which `traceparent` headers the messages of a topic have. */
type Contexts =
  /** Every message has a different trace context, as if one call sent one message. */
  | 'each'
  /** 500 consecutive messages share one trace context, as if one call sent them. */
  | 'bulk'
  | 'none';

interface TopicContents {
  /** Bytes. */
  readonly value: number;
  readonly contexts: Contexts;
  readonly messages: number;
}

/**
 * kafkajs without instrumentation needs about three seconds of CPU time to consume a topic. A measurement usually takes
 * less time, so it ends before the end of the topic.
 */
const CONTENTS: readonly TopicContents[] = [
  { value: 100, contexts: 'each', messages: 900_000 },
  { value: 100, contexts: 'bulk', messages: 900_000 },
  { value: 100, contexts: 'none', messages: 1_000_000 },
  { value: 1000, contexts: 'each', messages: 400_000 },
  { value: 1000, contexts: 'none', messages: 400_000 },
];

const PARTITIONS = 4;
/** Messages per record batch. kafkajs is fastest with large batches, which makes the cost of telemetry most visible. */
const PER_BATCH = 500;

/**
 * Starts Kafka, or uses the brokers in `KAFKA_BROKERS`, and fills the topics. With scale 1, this writes 3.6 million
 * messages (1.5 GB) in about a minute.
 *
 * @param scale - fraction of the messages to write, at least 0.1. Default: `BENCH_SCALE`, or 1
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
    for (const { value, contexts, messages } of CONTENTS) {
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
