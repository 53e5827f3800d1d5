import { randomBytes } from 'node:crypto';
import { Partitioners, type Producer } from 'kafkajs';
import { createTopics, testKafka } from '../../support/topics';
import { lagOf, startConsumers, uncommitted, untilEqual } from './consumers';
import { messages } from './produce';

const HOUR = 3_600_000;

let producer: Producer;

beforeAll(async () => {
  producer = testKafka().producer({
    transactionalId: `lag-${randomBytes(4).toString('hex')}`,
    maxInFlightRequests: 1,
    idempotent: true,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
});
afterAll(() => producer.disconnect());

async function transact(topic: string, count: number, outcome: 'commit' | 'abort', age = 0): Promise<void> {
  const timestamp = String(Date.now() - age);
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: messages(count).map(message => ({ ...message, timestamp })) });
  await transaction[outcome]();
}

test.each(['eachMessage', 'eachBatch'] as const)(
  'transaction markers and aborted records do not count as lag and cause no spike of time lag, in %s',
  async handler => {
    const { topic } = await createTopics({ topic: 1 });
    await transact(topic, 3, 'commit', HOUR);
    await transact(topic, 2, 'abort', HOUR);
    await transact(topic, 1, 'commit', HOUR);
    const consumers = startConsumers();
    await consumers.start('a', {
      group: topic,
      topics: [topic],
      handler,
      plan: [{ at: 2, do: 'hang' }],
      watches: true,
      run: { autoCommitThreshold: 1 },
    });
    const lag = () => lagOf(consumers, topic);
    await consumers.hangs('a', topic, 2);
    // Three records, two aborted records, one more record, and one marker for each transaction.
    expect(await lag()).toEqual({ 0: 9 - 2 });
    await consumers.command('release', { as: 'a' });
    const settled = () =>
      untilEqual(
        async () => [await lag(), await uncommitted(topic, topic)],
        () => Promise.resolve([{ 0: 0 }, { 0: 0 }]),
      );
    await settled();
    await consumers.watched('a');
    await transact(topic, 2, 'abort');
    await settled();
    await transact(topic, 1, 'commit');
    await consumers.reached('a', topic, 12);
    await settled();
    const seen = (await consumers.watched('a')).filter(({ name }) => name === 'time_lag');
    expect(Math.max(...seen.map(({ value }) => value))).toBeLessThan(60);
  },
);
