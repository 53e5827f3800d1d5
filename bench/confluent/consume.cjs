// Measures a consumer of Confluent's client with an empty handler. A new group reads a prepared topic from its
// beginning. BENCH_HANDLER is eachMessage or eachBatch. BENCH_CONTEXTS selects the topic. BENCH_MAX_BATCH limits the
// messages of a batch.
const { randomBytes } = require('node:crypto');
const { kafka, runConfig, finish } = require('../broker/variant.cjs');
const { CHECK_INTERVAL, createMeasurement } = require('../broker/measurement.cjs');

const { BENCH_HANDLER: kind = 'eachMessage', BENCH_CONTEXTS = 'each', BENCH_MAX_BATCH } = process.env;
const { topic, messages } = JSON.parse(process.env.BENCH_FILLED)[`100 ${BENCH_CONTEXTS}`];

async function main() {
  // The measurement checks only once per CHECK_INTERVAL messages whether it is over. The limit is lower than the number
  // of messages, so that a check still follows when the limit is reached.
  const measurement = createMeasurement({ available: messages - CHECK_INTERVAL });
  const group = `bench-${randomBytes(4).toString('hex')}`;
  const consumer = kafka.consumer({
    kafkaJS: { groupId: group, fromBeginning: true },
    // By default, the client buffers as many messages as it handles in 1.5 s. Garbage collection of such a large buffer
    // makes the results vary: the same variant took 11 µs or 23 µs per message. A small buffer keeps them steady.
    'js.consumer.max.cache.size.per.worker.ms': 10,
    ...(BENCH_MAX_BATCH && { 'js.consumer.max.batch.size': Number(BENCH_MAX_BATCH) }),
  });
  await consumer.connect();
  await consumer.subscribe({ topic });
  await new Promise((end, fail) => {
    const seen = count => {
      if (measurement.pass(count)) end();
    };
    const handlers = {
      eachMessage: async () => seen(1),
      eachBatch: async ({ batch }) => seen(batch.messages.length),
    };
    runConfig(kind, handlers[kind], { topic, group })
      .then(config => consumer.run(config))
      .catch(fail);
  });
  await consumer.disconnect();
  await finish(measurement.measured());
}

main();
