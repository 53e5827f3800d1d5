// Measures a kafkajs consumer with an empty handler. A new group reads a prepared topic from its beginning.
// BENCH_HANDLER is eachMessage or eachBatch. BENCH_VALUE and BENCH_CONTEXTS select the topic.
const { randomBytes } = require('node:crypto');
const { kafka, variant, runConfig, finish } = require('./variant.cjs');
const { createMeasurement } = require('./measurement.cjs');

const { BENCH_HANDLER: kind = 'eachMessage', BENCH_VALUE = '100', BENCH_CONTEXTS = 'each' } = process.env;
const contexts = variant === 'headerless' ? 'none' : BENCH_CONTEXTS;
const { topic, messages } = JSON.parse(process.env.BENCH_FILLED)[`${BENCH_VALUE} ${contexts}`];

const SMALL_BATCHES = 300;

/**
 * @param options - additional consumer options
 * @param seen - called by the handler with the number of received messages
 * @param isOver - called before each fetch; true ends the consumer. kafkajs handles all messages of a fetch before the
 * next fetch, so no fetch is measured partially
 */
async function consume({ options, seen, isOver }) {
  const group = `bench-${randomBytes(4).toString('hex')}`;
  // The default wait of a fetch, five seconds, would delay the end of the consumer.
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

/**
 * V8 optimizes the handler only after hundreds of calls. Full fetches would call the handler only a few dozen times, so
 * the warm-up uses small batches.
 */
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
  const measurement = createMeasurement({ available: messages });
  await consume({ options: {}, seen: count => measurement.add(count), isOver: () => measurement.isOver() });
  await finish(measurement.measured());
}

main();
