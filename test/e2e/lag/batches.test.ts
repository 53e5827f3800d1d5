import { createTopics } from '../../support/topics';
import {
  byPartition,
  lagOf,
  startConsumers,
  uncommitted,
  untilEqual,
  type Consumers,
  type StartOptions,
} from './consumers';
import { messages, produce } from './produce';

const TOTAL = 10;

let consumers: Consumers;
let topic: string;

async function start(options: Omit<StartOptions, 'group' | 'topics'>): Promise<void> {
  ({ topic } = await createTopics({ topic: 1 }));
  await produce(topic, messages(TOTAL));
  consumers = startConsumers();
  await consumers.start('a', { group: topic, topics: [topic], ...options });
}

const lag = () => lagOf(consumers, topic);
const age = async () => byPartition(await consumers.collect(), 'time_lag', topic)['0'];

/** Waits until both the metrics and Kafka report the expected lag. */
async function expectLeft(left: number): Promise<void> {
  await untilEqual(
    async () => [await lag(), await uncommitted(topic, topic)],
    () => Promise.resolve([{ 0: left }, { 0: left }]),
  );
}

test('in the middle of a batch, only the resolved messages count as processed', async () => {
  await start({ handler: 'eachBatch', plan: [{ at: 4, do: 'hang' }] });
  await consumers.hangs('a', topic, 4);
  expect(await lag()).toEqual({ 0: TOTAL - 4 });
  await consumers.command('release', { as: 'a' });
  await expectLeft(0);
});

test('an auto-resolved batch counts as processed when its handler ends', async () => {
  await start({ handler: 'eachBatch', resolves: false, plan: [{ at: 4, do: 'hang' }] });
  await consumers.hangs('a', topic, 4);
  expect(await lag()).toEqual({ 0: TOTAL });
  await consumers.command('release', { as: 'a' });
  await expectLeft(0);
  expect(await age()).toBe(0);
});

test('a batch without resolved messages does not change the lag', async () => {
  await start({
    handler: 'eachBatch',
    resolves: false,
    run: { eachBatchAutoResolve: false },
    plan: [{ at: TOTAL - 1, do: 'pause' }],
  });
  await consumers.event('a', 'END_BATCH_PROCESS');
  await expectLeft(TOTAL);
  expect(await age()).toBeGreaterThan(0);
});

test('after a pause in the middle of a batch, the remaining messages count as lag', async () => {
  await start({ plan: [{ at: 3, do: 'pause' }] });
  await consumers.event('a', 'END_BATCH_PROCESS');
  await expectLeft(TOTAL - 4);
});

test('a message that pauses its partition and fails waits for its redelivery', async () => {
  await start({ plan: [{ at: 3, do: 'pauseAndFail' }] });
  await consumers.reached('a', topic, 3);
  await expectLeft(TOTAL - 3);
  expect(await age()).toBeGreaterThan(0);
});

test('a backward seek in a handler adds the skipped-back messages to the lag', async () => {
  await start({
    run: { autoCommitThreshold: 1 },
    plan: [
      { at: 1, do: 'heartbeat' },
      { at: 5, do: 'seek', to: '1' },
      { at: 1, do: 'hang' },
    ],
  });
  await consumers.hangs('a', topic, 1);
  await expectLeft(TOTAL - 1);
  await consumers.command('release', { as: 'a' });
  await expectLeft(0);
});

test('a backward seek of an idle consumer adds lag, and a seek to the end removes it, even without a fetch', async () => {
  await start({});
  await expectLeft(0);
  await consumers.command('plan', { as: 'a', plan: [{ at: 2, do: 'pauseAndFail' }] });
  await consumers.command('seek', { as: 'a', topic, partition: 0, offset: '2' });
  await expectLeft(TOTAL - 2);
  await consumers.command('seek', { as: 'a', topic, partition: 0, offset: String(TOTAL) });
  await expectLeft(0);
  expect(await age()).toBe(0);
});
