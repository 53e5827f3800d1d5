// Measures a producer on a real broker: kafkajs, or Confluent's client with BENCH_CLIENT=confluent. BENCH_CALL=1 sends
// one message per call, 100 calls at a time, like a busy service. BENCH_CALL=500 sends 500 messages per call, one call
// after another, like a bulk import. BENCH_VALUE is the length of a value in bytes.
const { randomBytes } = require('node:crypto');
const { known } = require('../../test/support/known-topics.cjs');
const { kafka, variant, withAdmin, sendOf, finish } = require('./variant.cjs');
const { createMeasurement } = require('./measurement.cjs');

const size = Number(process.env.BENCH_CALL ?? 1);
const concurrency = size === 1 ? 100 : 1;
const value = randomBytes(Number(process.env.BENCH_VALUE ?? 100) / 2).toString('hex');

/** Generate the headers before the measurement, so that their cost is not measured. */
const traceparents = Array.from(
  { length: 1000 },
  () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
);

let calls = 0;
/** Every call needs new messages: the official instrumentation and Confluent's client modify the messages they get. */
function nextMessages() {
  const traceparent = traceparents[calls++ % traceparents.length];
  return Array.from({ length: size }, (_, index) => {
    const key = `order-${(calls + index) % 100_000}`;
    return variant === 'bare' ? { key, value, headers: { traceparent } } : { key, value };
  });
}

/** Deletes the topic after `work`, so that repeated runs do not fill the disk. */
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
  // V8 optimizes code only after many calls, and calls with 500 messages are slow. With a shorter warm-up, instrumented
  // code would seem too expensive.
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
