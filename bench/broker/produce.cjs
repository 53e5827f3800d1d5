// Sends to a real broker. BENCH_CALL=1: one message per call, 100 calls in flight, like a busy service. BENCH_CALL=500: sequential
// calls of 500 messages, like a bulk writer. BENCH_VALUE is the size of a value in bytes.
const { randomBytes } = require('node:crypto');
const { known } = require('../../test/support/known-topics.cjs');
const { kafka, variant, withAdmin, sendOf, finish } = require('./variant.cjs');
const { createMeasurement } = require('./measurement.cjs');

const size = Number(process.env.BENCH_CALL ?? 1);
const concurrency = size === 1 ? 100 : 1;
const value = randomBytes(Number(process.env.BENCH_VALUE ?? 100) / 2).toString('hex');

/** Generated beforehand, so that the bare variant measures sending them, not creating them. */
const traceparents = Array.from(
  { length: 1000 },
  () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
);

let calls = 0;
/** Every call gets new messages, because the official instrumentation changes them. */
function nextMessages() {
  const traceparent = traceparents[calls++ % traceparents.length];
  return Array.from({ length: size }, (_, index) => {
    const key = `order-${(calls + index) % 100_000}`;
    return variant === 'bare' ? { key, value, headers: { traceparent } } : { key, value };
  });
}

/** Deletes the topic afterwards, so that many rounds do not fill the disk. */
async function withTopic(work) {
  const topic = `bench-${randomBytes(4).toString('hex')}`;
  await withAdmin(async admin => {
    await admin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: false });
    await known(admin, [topic]);
  });
  try {
    await work(topic);
  } finally {
    await withAdmin(admin => admin.deleteTopics({ topics: [topic] }));
  }
}

async function main() {
  // Few calls fit into a second, so code needs a long warm-up; with a short one the variant with more code looks more expensive.
  const measurement = createMeasurement({ warmUp: 2500 });
  await withTopic(async topic => {
    const producer = kafka.producer();
    await producer.connect();
    const send = await sendOf(producer, topic);
    const sendOn = async () => {
      do await send({ topic, messages: nextMessages() });
      while (!measurement.pass(size));
    };
    await Promise.all(Array.from({ length: concurrency }, sendOn));
    await producer.disconnect();
  });
  await finish(measurement.measured());
}

main();
