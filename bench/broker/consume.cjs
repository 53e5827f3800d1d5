// Consumes a topic that was filled beforehand, from its beginning and in a group of its own. BENCH_HANDLER is eachMessage or eachBatch;
// BENCH_VALUE and BENCH_CONTEXTS choose the topic. The handler itself does nothing.
const { randomBytes } = require('node:crypto');
const { kafka, variant, runConfig, finish } = require('./variant.cjs');
const { createStretch } = require('./stretch.cjs');

const { BENCH_HANDLER: kind = 'eachMessage', BENCH_VALUE = '100', BENCH_CONTEXTS = 'each' } = process.env;
const contexts = variant === 'headerless' ? 'none' : BENCH_CONTEXTS;
const { topic, messages } = JSON.parse(process.env.BENCH_FILLED)[`${BENCH_VALUE} ${contexts}`];

async function main() {
  const stretch = createStretch({ available: messages });
  const group = `bench-${randomBytes(4).toString('hex')}`;
  // Fetch sizes are kafkajs's own; the wait only shortens the end.
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const handlers = {
    eachMessage: async () => stretch.add(1),
    eachBatch: async ({ batch }) => stretch.add(batch.messages.length),
  };
  const config = await runConfig(kind, handlers[kind], { topic, group });
  await new Promise((end, fail) => {
    const { CRASH, FETCH_START } = consumer.events;
    // A fetch is decoded as a whole, and handled before the next one starts: in between, no message is half paid for.
    consumer.on(FETCH_START, () => {
      if (stretch.isOver()) end();
    });
    consumer.on(CRASH, ({ payload }) => fail(payload.error));
    consumer.run(config).catch(fail);
  });
  await consumer.disconnect();
  await finish(stretch.measured());
}

main();
