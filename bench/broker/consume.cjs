// Consumes a topic that was filled beforehand, from its beginning and in a group of its own. BENCH_HANDLER is eachMessage or eachBatch;
// BENCH_VALUE and BENCH_CONTEXTS choose the topic. The handler itself does nothing.
const { randomBytes } = require('node:crypto');
const { kafka, variant, runConfig, finish } = require('./variant.cjs');
const { createStretch } = require('./stretch.cjs');

const { BENCH_HANDLER: kind = 'eachMessage', BENCH_VALUE = '100', BENCH_CONTEXTS = 'each' } = process.env;
const contexts = variant === 'headerless' ? 'none' : BENCH_CONTEXTS;
const { topic, messages } = JSON.parse(process.env.BENCH_FILLED)[`${BENCH_VALUE} ${contexts}`];

/** Batches that a sample is given before the others, each of them as small as it can be; fewer where the topic has no more. */
const SMALL_BATCHES = 300;

/**
 * Consumes the topic from its beginning.
 *
 * @param options - further options of the consumer
 * @param seen - gets to know how many messages each call of the handler had
 * @param isOver - asked at the start of each fetch: one is decoded as a whole, and handled before the next one starts, so that in
 * between no message is half paid for
 */
async function consume({ options, seen, isOver }) {
  const group = `bench-${randomBytes(4).toString('hex')}`;
  // The wait only shortens the end.
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100, ...options });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const handlers = {
    eachMessage: async () => seen(1),
    eachBatch: async ({ batch }) => seen(batch.messages.length),
  };
  const config = await runConfig(kind, handlers[kind], { topic, group });
  await new Promise((end, fail) => {
    const { CRASH, FETCH_START } = consumer.events;
    consumer.on(FETCH_START, () => {
      if (isOver()) end();
    });
    consumer.on(CRASH, ({ payload }) => fail(payload.error));
    consumer.run(config).catch(fail);
  });
  await consumer.disconnect();
}

/** A service has handled thousands of batches before it is warm; with those of a whole fetch a sample would see some dozens. */
async function handleSmallBatches() {
  let [batches, left] = [0, messages];
  await consume({
    options: { maxBytesPerPartition: 1 },
    seen(count) {
      batches++;
      left -= count;
    },
    isOver: () => batches >= SMALL_BATCHES || left <= 0,
  });
}

async function main() {
  if (kind === 'eachBatch') await handleSmallBatches();
  const stretch = createStretch({ available: messages });
  // Fetch sizes are kafkajs's own.
  await consume({ options: {}, seen: count => stretch.add(count), isOver: () => stretch.isOver() });
  await finish(stretch.measured());
}

main();
