import { confluentEnvironment, confluentLab, LAB_DEADLINE_MS } from '../../support/confluent';
import { createTopics } from '../../support/topics';
import {
  byPartition,
  startConsumers,
  uncommitted,
  until,
  untilEqual,
  valueOf,
  type Consumers,
} from '../lag/consumers';
import { messages, produce } from '../lag/produce';

let lab: string;
beforeAll(async () => {
  lab = await confluentLab();
}, LAB_DEADLINE_MS);

const start = (): Consumers =>
  startConsumers('./fixtures/lag/tracing.cjs', confluentEnvironment(lab), 'fixtures/confluent/lag.cjs');
const lagOf = async (consumers: Consumers, topic: string) =>
  byPartition(await consumers.collect(), 'records_lag', topic);

test('a consumer that keeps up has lag 0 on all partitions, equal to the lag in Kafka', async () => {
  const { topic } = await createTopics({ topic: 3 });
  await produce(topic, [...messages(5, 0), ...messages(3, 1), ...messages(1, 2)]);
  const consumers = start();
  await consumers.command('start', { as: 'a', group: topic, topics: [topic] });
  await untilEqual(
    () => lagOf(consumers, topic),
    () => uncommitted(topic, topic),
  );
  await until(
    () => uncommitted(topic, topic),
    left => Object.values(left).every(count => count === 0),
  );
  await untilEqual(
    () => lagOf(consumers, topic),
    () => Promise.resolve({ 0: 0, 1: 0, 2: 0 }),
  );
  expect(valueOf(await consumers.collect(), 'assigned_partitions')).toBe(3);
  await consumers.command('disconnect', { as: 'a' });
  expect(await lagOf(consumers, topic)).toEqual({ 0: 0, 1: 0, 2: 0 });
});

test('while a handler hangs, the lag grows with each message, equal to the lag in Kafka', async () => {
  const { topic } = await createTopics({ topic: 1 });
  await produce(topic, messages(10));
  const consumers = start();
  await consumers.command('start', { as: 'a', group: topic, topics: [topic], hangAt: [4] });
  await consumers.hangs('a', topic, 4);
  await untilEqual(
    () => lagOf(consumers, topic),
    () => uncommitted(topic, topic),
  );
  expect(await lagOf(consumers, topic)).toEqual({ 0: 6 });
  await produce(topic, messages(5));
  await untilEqual(
    () => lagOf(consumers, topic),
    () => uncommitted(topic, topic),
  );
  expect(await uncommitted(topic, topic)).toEqual({ 0: 11 });
  const time = byPartition(await consumers.collect(), 'time_lag', topic)['0'] ?? NaN;
  await until(
    async () => byPartition(await consumers.collect(), 'time_lag', topic)['0'] ?? NaN,
    seconds => seconds > time,
  );
  await consumers.command('release', { as: 'a' });
  await untilEqual(
    () => lagOf(consumers, topic),
    () => Promise.resolve({ 0: 0 }),
  );
});

test('a partition moved to another process reports 0 here and its lag there, and counts as a rebalance', async () => {
  const { topic } = await createTopics({ topic: 2 });
  await produce(topic, [...messages(3, 0), ...messages(3, 1)]);
  const [first, second] = [start(), start()];
  const assigned = async (consumers: Consumers) => valueOf(await consumers.collect(), 'assigned_partitions');
  await first.command('start', { as: 'a', group: topic, topics: [topic] });
  await untilEqual(
    () => lagOf(first, topic),
    () => Promise.resolve({ 0: 0, 1: 0 }),
  );
  await until(
    () => uncommitted(topic, topic),
    left => left['0'] === 0 && left['1'] === 0,
  );
  expect(await assigned(first)).toBe(2);
  expect(valueOf(await first.collect(), 'rebalances')).toBeUndefined();

  await second.command('start', { as: 'b', group: topic, topics: [topic], hangAt: [3] });
  await untilEqual(
    () => assigned(first),
    () => Promise.resolve(1),
  );
  await untilEqual(
    () => assigned(second),
    () => Promise.resolve(1),
  );
  const [moved] = (await second.command('assignment', { as: 'b' })) as { partition: number }[];
  const partition = moved?.partition ?? NaN;
  await produce(topic, messages(4, partition));
  await second.hangs('b', topic, 3, partition);
  await untilEqual(
    async () => (await lagOf(second, topic))[String(partition)],
    () => Promise.resolve(4),
  );
  expect(await uncommitted(topic, topic)).toEqual({ [partition]: 4, [1 - partition]: 0 });
  expect(await lagOf(first, topic)).toEqual({ 0: 0, 1: 0 });
  expect(valueOf(await first.collect(), 'rebalances')).toBe(1);
  expect(valueOf(await second.collect(), 'rebalances')).toBeUndefined();

  await second.command('release', { as: 'b' });
  await second.command('disconnect', { as: 'b' });
  await untilEqual(
    () => assigned(first),
    () => Promise.resolve(2),
  );
  expect(valueOf(await first.collect(), 'rebalances')).toBe(2);
});
