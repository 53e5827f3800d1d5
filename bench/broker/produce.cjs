// Measures a producer on a real broker, of kafkajs or of Confluent's client (BENCH_CLIENT=confluent). BENCH_CALL=1: calls with one message, 100 calls at a time, like a busy service.
// BENCH_CALL=500: calls with 500 messages, one after another, like a bulk import. BENCH_VALUE is the length of a value in bytes.
const { randomBytes } = require('node:crypto');
const { known } = require('../../test/support/known-topics.cjs');
const { kafka, variant, withAdmin, sendOf, finish } = require('./variant.cjs');
const { createMeasurement } = require('./measurement.cjs');

const size = Number(process.env.BENCH_CALL ?? 1);
const concurrency = size === 1 ? 100 : 1;
const value = randomBytes(Number(process.env.BENCH_VALUE ?? 100) / 2).toString('hex');

/** Trace headers are generated before the measurement, so that the time for this does not count as a cost of the client. */
const traceparents = Array.from(
  { length: 1000 },
  () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
);

let calls = 0;
/** Creates new messages for every call, because the official instrumentation and Confluent's client modify the messages of a call. */
function nextMessages() {
  const traceparent = traceparents[calls++ % traceparents.length];
  return Array.from({ length: size }, (_, index) => {
    const key = `order-${(calls + index) % 100_000}`;
    return variant === 'bare' ? { key, value, headers: { traceparent } } : { key, value };
  });
}

/** Deletes the topic after use, so that repeated runs do not fill the disk. */
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
  // V8 needs many calls to optimize the code, and 500-message calls are slow. A shorter warm-up would make instrumented code look
  // too expensive.
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
