import { useTracing } from '../../core/tracing';
import { useScripted } from './scripted';

useTracing();
const start = useScripted();

const LAG = 'kafka.consumer.records_lag';
const record = (offset: number) => ({ offset: String(offset) });

/** A consumer that has 89 records of partition 0 left, and a reading of its lag. */
async function behind() {
  const { consumer, values } = start();
  await consumer.run({ eachMessage: () => undefined });
  consumer.joins(0);
  await consumer.fetches(100, record(10));
  expect(await values(LAG)).toEqual([89]);
  return { consumer, lag: () => values(LAG) };
}

describe('a partition that a consumer loses and gets back', () => {
  test.each([true, false])('shows the lag it had while it is paused (loss read: %p)', async isLossRead => {
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

  test.each([true, false])('shows 0 until a fetch tells otherwise (loss read: %p)', async isLossRead => {
    const { consumer, lag } = await behind();
    consumer.joins();
    if (isLossRead) await lag();
    consumer.joins(0);
    expect(await lag()).toEqual([0]);
    await consumer.fetches(120, record(50));
    expect(await lag()).toEqual([69]);
  });

  test('shows 0 from its resume on, as another member may have processed the rest', async () => {
    const { consumer, lag } = await behind();
    consumer.pause(0);
    consumer.joins();
    consumer.joins(0);
    consumer.resume(0);
    expect(await lag()).toEqual([0]);
  });

  test('shows 0 where kafkajs cannot say what is paused', async () => {
    const { consumer, lag } = await behind();
    consumer.pause(0);
    Object.assign(consumer, { paused: undefined });
    consumer.joins();
    consumer.joins(0);
    expect(await lag()).toEqual([0]);
  });

  test('shows nothing after a stop whose zeros were read, as one that was never fetched', async () => {
    const { consumer, lag } = await behind();
    consumer.tell('STOP');
    expect(await lag()).toEqual([0]);
    consumer.joins(0);
    expect(await lag()).toEqual([]);
  });
});
