import { createTopics } from '../../support/topics';
import {
  byPartition,
  lagOf,
  startConsumers,
  uncommitted,
  until,
  untilEqual,
  valueOf,
  type Consumers,
} from './consumers';
import { messages, produce } from './produce';

/**
 * Partition 0 has no records left. Partition 1 has two records left, and a rebalance assigns it to `b`, the second
 * member by name.
 */
async function startFirst(consumers: Consumers): Promise<string> {
  const { topic } = await createTopics({ topic: 2 });
  await produce(topic, [...messages(2, 0), ...messages(6, 1)]);
  await consumers.start('a', { group: topic, topics: [topic], plan: [{ at: 3, do: 'pause' }] });
  await untilEqual(
    () => lagOf(consumers, topic),
    () => uncommitted(topic, topic),
  );
  await until(
    () => lagOf(consumers, topic),
    lag => lag['0'] === 0 && lag['1'] === 2,
  );
  return topic;
}

const startSecond = (consumers: Consumers, topic: string) =>
  consumers.start('b', { group: topic, topics: [topic], plan: [{ at: 4, do: 'hang' }] });

test('a partition moved to another process reports 0 and disappears from deltas; an idle one that stays is reported', async () => {
  const [first, second] = [startConsumers(), startConsumers()];
  const topic = await startFirst(first);
  expect(await lagOf(first, topic, 'delta')).toEqual({ 0: 0, 1: 2 });
  await startSecond(second, topic);
  await second.hangs('b', topic, 4, 1);
  expect(await lagOf(first, topic)).toEqual({ 0: 0, 1: 0 });
  expect(byPartition(await first.collect(), 'time_lag', topic)).toEqual({ 0: 0, 1: 0 });
  expect(await lagOf(first, topic, 'delta')).toEqual({ 0: 0, 1: 0 });
  expect(await lagOf(first, topic, 'delta')).toEqual({ 0: 0 });
  expect(await lagOf(first, topic)).toEqual({ 0: 0, 1: 0 });
  expect(valueOf(await first.collect(), 'assigned_partitions')).toBe(1);
  expect(valueOf(await first.collect(), 'rebalances')).toBe(1);
  expect(await lagOf(second, topic)).toEqual({ 1: 2 });
  expect(await uncommitted(topic, topic)).toEqual({ 0: 0, 1: 2 });
  expect(valueOf(await second.collect(), 'rebalances')).toBeUndefined();
  await second.command('release', { as: 'b' });
  await until(
    () => lagOf(second, topic),
    lag => lag['1'] === 0,
  );
});

test('a partition moved to another consumer of the same process is reported by that one, and back', async () => {
  const consumers = startConsumers();
  const topic = await startFirst(consumers);
  await startSecond(consumers, topic);
  await consumers.hangs('b', topic, 4, 1);
  for (const reader of ['cumulative', 'delta', 'cumulative', 'delta'] as const) {
    expect(await lagOf(consumers, topic, reader)).toEqual({ 0: 0, 1: 2 });
  }
  expect(valueOf(await consumers.collect(), 'assigned_partitions')).toBe(2);
  await consumers.command('release', { as: 'b' });
  await untilEqual(
    () => lagOf(consumers, topic, 'delta'),
    () => uncommitted(topic, topic),
  );
  await consumers.command('disconnect', { as: 'b' });
  await until(
    () => consumers.collect('delta'),
    points => valueOf(points, 'assigned_partitions') === 2,
  );
  await produce(topic, messages(3, 1));
  // In kafkajs, a revoked partition stays paused.
  await consumers.command('resume', { as: 'a', topic, partition: 1 });
  await until(
    () => uncommitted(topic, topic),
    left => left['1'] === 0,
  );
  await untilEqual(
    () => lagOf(consumers, topic, 'delta'),
    () => uncommitted(topic, topic),
  );
});

test('a partition that is reassigned while paused reports its lag, and catches up after resume', async () => {
  const [first, second] = [startConsumers(), startConsumers()];
  const topic = await startFirst(first);
  const lag = () => lagOf(first, topic);
  await second.start('b', { group: topic, topics: [topic], plan: [{ at: 4, do: 'pauseAndFail' }] });
  await second.reached('b', topic, 4, 1);
  await until(lag, ({ 1: left }) => left === 0);
  await second.command('disconnect', { as: 'b' });
  await until(
    () => first.collect(),
    points => valueOf(points, 'assigned_partitions') === 2,
  );
  expect(await uncommitted(topic, topic)).toEqual({ 0: 0, 1: 2 });
  expect(await lag()).toEqual({ 0: 0, 1: 2 });
  expect(await lagOf(first, topic, 'delta')).toEqual({ 0: 0, 1: 2 });
  await first.command('resume', { as: 'a', topic, partition: 1 });
  await untilEqual(lag, () => Promise.resolve({ 0: 0, 1: 0 }));
  await first.reached('a', topic, 5, 1);
  // kafkajs commits after the handler has returned.
  await untilEqual(
    () => uncommitted(topic, topic),
    () => Promise.resolve({ 0: 0, 1: 0 }),
  );
});
