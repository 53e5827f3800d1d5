import { useTracing } from '../../core/tracing';
import { useScripted } from './scripted';

useTracing();
const start = useScripted();

const LAG = 'kafka.consumer.records_lag';
const record = (offset: number) => ({ offset: String(offset) });

/** Creates a consumer with a lag of 89 records in partition 0. */
async function behind() {
  const { consumer, values } = start();
  await consumer.run({ eachMessage: () => undefined });
  consumer.joins(0);
  await consumer.fetches(100, record(10));
  expect(await values(LAG)).toEqual([89]);
  return { consumer, lag: () => values(LAG) };
}

describe('a partition that a consumer loses and gets again', () => {
  test.each([true, false])('has its former lag while it is paused (loss read: %p)', async isLossRead => {
    const { consumer, lag } = await behind();
    consumer.pause(0);
    consumer.joins();
    if (isLossRead) {
      expect(await lag()).toEqual([0]);
      expect(await lag()).toEqual([]);
    }
    consumer.joins(0);
    expect([await lag(), await lag()]).toEqual([[89], [89]]);
  });

  test.each([true, false])('has lag 0 until the next fetch (loss read: %p)', async isLossRead => {
    const { consumer, lag } = await behind();
    consumer.joins();
    if (isLossRead) await lag();
    consumer.joins(0);
    expect(await lag()).toEqual([0]);
    await consumer.fetches(120, record(50));
    expect(await lag()).toEqual([69]);
  });

  test('has lag 0 once resumed, as another member may have processed the rest', async () => {
    const { consumer, lag } = await behind();
    consumer.pause(0);
    consumer.joins();
    consumer.joins(0);
    consumer.resume(0);
    expect(await lag()).toEqual([0]);
  });

  test('has lag 0 if kafkajs does not report paused partitions', async () => {
    const { consumer, lag } = await behind();
    consumer.pause(0);
    Object.assign(consumer, { paused: undefined });
    consumer.joins();
    consumer.joins(0);
    expect(await lag()).toEqual([0]);
  });

  test('has no lag after a stop whose zeros were read, until the next fetch', async () => {
    const { consumer, lag } = await behind();
    consumer.report('STOP');
    expect(await lag()).toEqual([0]);
    consumer.joins(0);
    expect(await lag()).toEqual([]);
  });
});
