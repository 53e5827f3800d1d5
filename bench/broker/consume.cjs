// Consumes a topic that was filled beforehand, from its beginning and in a group of its own. BENCH_HANDLER is eachMessage or eachBatch;
// BENCH_VALUE and BENCH_CONTEXTS choose the topic. The handler itself does nothing.
const { randomBytes } = require('node:crypto');
const { kafka, variant, runConfig, finish } = require('./variant.cjs');
const { createStretch } = require('./stretch.cjs');

const { BENCH_HANDLER: kind = 'eachMessage', BENCH_VALUE = '100', BENCH_CONTEXTS = 'each' } = process.env;
const contexts = variant === 'headerless' ? 'none' : BENCH_CONTEXTS;
const { topic, messages } = JSON.parse(process.env.BENCH_TOPICS)[`${BENCH_VALUE} ${contexts}`];

async function main() {
  const stretch = createStretch({ available: messages });
  const group = `bench-${randomBytes(4).toString('hex')}`;
  // Fetch sizes are kafkajs's own; the wait only shortens the end.
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise((end, fail) => {
    const pass = count => {
      if (stretch.pass(count)) end();
    };
    const handlers = {
      eachMessage: async () => pass(1),
      eachBatch: async ({ batch }) => pass(batch.messages.length),
    };
    consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
    runConfig(kind, handlers[kind], { topic, group })
      .then(config => consumer.run(config))
      .catch(fail);
  });
  await consumer.disconnect();
  await finish(stretch.measured());
}

main();
