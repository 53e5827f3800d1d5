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

const timeOf = async (consumers: Consumers, topic: string) =>
  byPartition(await consumers.collect(), 'time_lag', topic)['0'] ?? NaN;

test('a consumer that keeps up has lag 0 on all partitions, equal to the lag in Kafka', async () => {
  const { topic } = await createTopics({ topic: 3 });
  await produce(topic, [...messages(5, 0), ...messages(3, 1), ...messages(1, 2)]);
  const consumers = startConsumers();
  await consumers.start('a', { group: topic, topics: [topic] });
  await consumers.reached('a', topic, 4, 0);
  await untilEqual(
    () => lagOf(consumers, topic),
    () => uncommitted(topic, topic),
  );
  expect(await uncommitted(topic, topic)).toEqual({ 0: 0, 1: 0, 2: 0 });
  const points = await consumers.collect();
  expect(byPartition(points, 'time_lag', topic)).toEqual({ 0: 0, 1: 0, 2: 0 });
  expect(valueOf(points, 'assigned_partitions')).toBe(3);
});

test('the lag decreases with each message and is 0 when the consumer has caught up', async () => {
  const { topic } = await createTopics({ topic: 1 });
  await produce(topic, messages(20));
  const consumers = startConsumers();
  await consumers.start('a', {
    group: topic,
    topics: [topic],
    plan: [
      { at: 5, do: 'hang' },
      { at: 12, do: 'hang' },
    ],
    run: { autoCommitThreshold: 1 },
  });
  for (const offset of [5, 12]) {
    await consumers.reached('a', topic, offset);
    await untilEqual(
      () => lagOf(consumers, topic),
      () => uncommitted(topic, topic),
    );
    expect(await uncommitted(topic, topic)).toEqual({ 0: 20 - offset });
    await until(
      () => timeOf(consumers, topic),
      seconds => seconds > 0,
    );
    await consumers.command('release', { as: 'a' });
  }
  await consumers.reached('a', topic, 19);
  await untilEqual(
    () => lagOf(consumers, topic),
    () => uncommitted(topic, topic),
  );
  expect(await timeOf(consumers, topic)).toBe(0);
});

test('messages processed before a meter provider is registered do not count as lag', async () => {
  const { topic } = await createTopics({ topic: 1 });
  await produce(topic, messages(10));
  const consumers = startConsumers(undefined, { METRICS: 'late' });
  await consumers.start('a', { group: topic, topics: [topic], plan: [{ at: 7, do: 'hang' }] });
  await consumers.hangs('a', topic, 7);
  await consumers.command('registerMetrics');
  // The gauges have values again after the next message.
  await consumers.command('release', { as: 'a' });
  await consumers.reached('a', topic, 9);
  await untilEqual(
    () => lagOf(consumers, topic),
    () => uncommitted(topic, topic),
  );
  expect(await uncommitted(topic, topic)).toEqual({ 0: 0 });
});

test('a hanging handler increases time lag and heartbeat age; the rejoin of the expelled consumer counts as a rebalance', async () => {
  const { topic } = await createTopics({ topic: 1 });
  await produce(topic, messages(1));
  const consumers = startConsumers();
  await consumers.start('a', {
    group: topic,
    topics: [topic],
    plan: [{ at: 0, do: 'hang' }],
    options: { sessionTimeout: 6000 },
  });
  await consumers.reached('a', topic, 0);
  const first = await timeOf(consumers, topic);
  await until(
    () => timeOf(consumers, topic),
    seconds => seconds > first + 1,
  );
  const age = (await consumers.collect()).find(({ name }) => name === 'heartbeat_age')?.value ?? NaN;
  await until(
    () => consumers.collect(),
    points => (valueOf(points, 'heartbeat_age') ?? 0) > Math.max(age, 7),
  );
  expect(valueOf(await consumers.collect(), 'rebalances')).toBeUndefined();
  await consumers.command('release', { as: 'a' });
  await until(
    () => consumers.collect(),
    points => valueOf(points, 'rebalances') === 1 && (valueOf(points, 'heartbeat_age') ?? 9) < 2,
  );
});

test('the first record after an idle hour causes no spike of time lag, even if its handler fails first', async () => {
  const { topic } = await createTopics({ topic: 1 });
  const consumers = startConsumers();
  await produce(topic, [{ value: 'old', timestamp: String(Date.now() - 3_600_000) }]);
  await consumers.start('a', {
    group: topic,
    topics: [topic],
    watches: true,
    plan: [{ at: 1, do: 'error' }],
  });
  await consumers.reached('a', topic, 0);
  await until(
    () => lagOf(consumers, topic),
    lag => lag['0'] === 0,
  );
  const before = (await consumers.watched('a')).filter(({ name }) => name === 'time_lag');
  expect(Math.max(...before.map(({ value }) => value))).toBeGreaterThan(3599);
  await produce(topic, messages(3));
  await consumers.reached('a', topic, 3);
  await until(
    () => lagOf(consumers, topic),
    lag => lag['0'] === 0,
  );
  const after = (await consumers.watched('a')).filter(({ name }) => name === 'time_lag');
  expect(after.some(({ value }) => value > 0)).toBe(true);
  expect(Math.max(...after.map(({ value }) => value))).toBeLessThan(60);
});

test.each(['-1', '-2'])(
  'a seek to offset %s that ends at the end of an idle topic leaves lag 0',
  async offset => {
    const { topic } = await createTopics({ topic: 1 });
    await produce(topic, messages(6));
    const consumers = startConsumers();
    await consumers.start('a', {
      group: topic,
      topics: [topic],
      fromBeginning: false,
      plan: [{ at: 2, do: 'hang' }],
    });
    await consumers.event('a', 'GROUP_JOIN');
    await consumers.command('seek', { as: 'a', topic, partition: 0, offset: '0' });
    await consumers.hangs('a', topic, 2);
    expect(await lagOf(consumers, topic)).toEqual({ 0: 4 });
    await consumers.command('seek', { as: 'a', topic, partition: 0, offset });
    await consumers.command('release', { as: 'a' });
    await until(
      () => uncommitted(topic, topic),
      left => left['0'] === 6,
    );
    expect(await lagOf(consumers, topic)).toEqual({ 0: 0 });
    await produce(topic, messages(1));
    await consumers.reached('a', topic, 6);
  },
);
