// Consumes a topic that was filled beforehand, from its beginning and in a group of its own. BENCH_HANDLER is eachMessage or eachBatch;
// BENCH_VALUE and BENCH_CONTEXTS choose the topic. The handler itself does nothing.
const { randomBytes } = require('node:crypto');
const { kafka, handlerOf, spanCounts, stop } = require('./variant.cjs');
const { createWindow } = require('./measure.cjs');

const { BENCH_HANDLER = 'eachMessage', BENCH_VALUE = '100', BENCH_CONTEXTS = 'each' } = process.env;
const contexts = process.env.BENCH_VARIANT === 'headerless' ? 'none' : BENCH_CONTEXTS;
const { topic, messages } = JSON.parse(process.env.BENCH_TOPICS)[`${BENCH_VALUE} ${contexts}`];

async function main() {
  const window = createWindow();
  const groupId = `bench-${randomBytes(4).toString('hex')}`;
  // Fetch sizes are kafkajs's own; the wait only shortens the end.
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let seen = 0;
  await new Promise((finish, fail) => {
    const pass = count => {
      seen += count;
      if (window.pass(count, seen >= messages)) finish();
    };
    const handlers = {
      eachMessage: async () => pass(1),
      eachBatch: async ({ batch }) => pass(batch.messages.length),
    };
    consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
    handlerOf(BENCH_HANDLER, groupId, handlers[BENCH_HANDLER])
      .then(config => consumer.run(config))
      .catch(fail);
  });
  await consumer.disconnect();
  await stop();
  console.log(JSON.stringify({ unit: 'message', ...window.result(), spans: spanCounts() }));
}

main();
