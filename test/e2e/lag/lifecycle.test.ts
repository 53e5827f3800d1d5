import { createTopics } from '../../support/topics';
import {
  byPartition,
  lagOf,
  pointsOf,
  startConsumers,
  uncommitted,
  until,
  untilEqual,
  valueOf,
  type Step,
} from './consumers';
import { messages, produce } from './produce';

async function startWith(plan: readonly Step[], options: Readonly<Record<string, unknown>> = {}) {
  const { topic } = await createTopics({ topic: 1 });
  await produce(topic, messages(6));
  const consumers = startConsumers();
  await consumers.start('a', { group: topic, topics: [topic], plan, options });
  return { topic, consumers };
}

/** Starts a consumer that pauses with two records left. Both metric readers have read this lag. */
async function startBehind(...plan: readonly Step[]) {
  const started = await startWith([{ at: 3, do: 'pause' }, ...plan]);
  const { topic, consumers } = started;
  await until(
    () => lagOf(consumers, topic),
    lag => lag['0'] === 2,
  );
  await consumers.collect('delta');
  return started;
}

/** Expects that a consumer without a group reports zeros once, and then nothing. */
async function expectZerosOnceThenNothing({ topic, consumers }: Awaited<ReturnType<typeof startWith>>) {
  for (const reader of ['cumulative', 'delta'] as const) {
    const points = await consumers.collect(reader);
    expect(byPartition(points, 'records_lag', topic)).toEqual({ 0: 0 });
    expect(byPartition(points, 'time_lag', topic)).toEqual({ 0: 0 });
    expect(valueOf(points, 'assigned_partitions')).toBe(0);
    expect(valueOf(points, 'heartbeat_age')).toBe(0);
  }
  expect(await consumers.collect('delta')).toEqual([]);
  expect(valueOf(await consumers.collect(), 'assigned_partitions')).toBe(0);
}

test('a stopped consumer reports zeros once, then nothing', async () => {
  const started = await startBehind();
  const { consumers } = started;
  await consumers.command('stop', { as: 'a' });
  await expectZerosOnceThenNothing(started);
});

test('a consumer that disconnects while the instrumentation is disabled reports zeros once, then nothing', async () => {
  const started = await startBehind();
  const { consumers } = started;
  await consumers.command('disable');
  await consumers.command('disconnect', { as: 'a' });
  await consumers.command('enable');
  await expectZerosOnceThenNothing(started);
});

test('messages consumed while the instrumentation is disabled do not count as lag afterwards', async () => {
  const { topic, consumers } = await startWith([{ at: 3, do: 'hang' }]);
  await consumers.hangs('a', topic, 3);
  await consumers.command('disable');
  await consumers.command('release', { as: 'a' });
  await produce(topic, messages(4));
  await consumers.reached('a', topic, 9);
  await until(
    () => uncommitted(topic, topic),
    left => left['0'] === 0,
  );
  await consumers.command('enable');
  expect(await lagOf(consumers, topic)).toEqual({ 0: 0 });
});

test('a consumer that reconnects continues with its correct lag', async () => {
  const started = await startBehind({ at: 4, do: 'hang' });
  const { topic, consumers } = started;
  await consumers.command('disconnect', { as: 'a' });
  await expectZerosOnceThenNothing(started);
  await consumers.command('closed');
  await consumers.command('connect', { as: 'a' });
  await consumers.hangs('a', topic, 4);
  expect(await lagOf(consumers, topic, 'delta')).toEqual({ 0: 2 });
  expect(await uncommitted(topic, topic)).toEqual({ 0: 2 });
  await consumers.command('release', { as: 'a' });
  await untilEqual(
    () => lagOf(consumers, topic, 'delta'),
    () => uncommitted(topic, topic),
  );
  expect(valueOf(await consumers.collect('delta'), 'assigned_partitions')).toBe(1);
  expect(valueOf(await consumers.collect(), 'rebalances')).toBeUndefined();
});

test('a consumer crashed by a TypeError reports no partitions and a growing heartbeat age until it disconnects', async () => {
  const started = await startWith([{ at: 2, do: 'typeError' }]);
  const { topic, consumers } = started;
  await consumers.event('a', 'CRASH');
  expect(await lagOf(consumers, topic)).toEqual({ 0: 0 });
  const points = await consumers.collect('delta');
  expect(pointsOf(points, 'crashes')).toEqual([
    {
      name: 'crashes',
      value: 1,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.consumer.group.name': topic,
        'messaging.kafka.cluster.id': expect.any(String) as unknown,
        'error.type': 'TypeError',
        'kafka.consumer.restarts': false,
      },
    },
  ]);
  for (const reader of ['delta', 'cumulative', 'delta'] as const)
    expect(valueOf(await consumers.collect(reader), 'assigned_partitions')).toBe(0);
  expect(await lagOf(consumers, topic, 'delta')).toEqual({});
  await until(
    () => consumers.collect('delta'),
    dead => (valueOf(dead, 'heartbeat_age') ?? 0) > 1,
  );
  await consumers.command('disconnect', { as: 'a' });
  expect(valueOf(await consumers.collect('delta'), 'heartbeat_age')).toBe(0);
  expect(pointsOf(await consumers.collect('delta'), 'assigned_partitions')).toEqual([]);
});

test('a consumer that kafkajs restarts counts one crash and catches up', async () => {
  const { topic, consumers } = await startWith(
    [
      { at: 2, do: 'error' },
      { at: 2, do: 'error' },
    ],
    { retry: { retries: 1, initialRetryTime: 50 } },
  );
  await consumers.event('a', 'CRASH');
  await until(
    () => consumers.collect('delta'),
    points => valueOf(points, 'assigned_partitions') === 1,
  );
  await untilEqual(
    async () => [await lagOf(consumers, topic), await uncommitted(topic, topic)],
    () => Promise.resolve([{ 0: 0 }, { 0: 0 }]),
  );
  const [crash, ...more] = pointsOf(await consumers.collect(), 'crashes');
  expect(more).toEqual([]);
  expect(crash).toMatchObject({
    value: 1,
    attributes: { 'error.type': 'Error', 'kafka.consumer.restarts': true },
  });
  expect(valueOf(await consumers.collect(), 'rebalances')).toBeUndefined();
});
