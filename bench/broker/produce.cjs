// Sends to a real broker: one message a call, a hundred calls under way at a time, as a busy service does; or 500 a call, one call
// after the other, as a bulk writer does. BENCH_CALL says which, BENCH_VALUE the size of a value in bytes.
const { randomBytes } = require('node:crypto');
const { known } = require('../../test/support/known-topics.cjs');
const { kafka, variant, withAdmin, sendOf, finish } = require('./variant.cjs');
const { createStretch } = require('./stretch.cjs');

const size = Number(process.env.BENCH_CALL ?? 1);
const concurrency = size === 1 ? 100 : 1;
const value = randomBytes(Number(process.env.BENCH_VALUE ?? 100) / 2).toString('hex');

/** Of the length and the variety of real ones, made beforehand: bare kafkajs shows what it costs to send them, not to make them. */
const traceparents = Array.from(
  { length: 1000 },
  () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
);

let calls = 0;
/** Messages are made anew for every call: the official instrumentation writes into them. */
function nextMessages() {
  const traceparent = traceparents[calls++ % traceparents.length];
  return Array.from({ length: size }, (_, index) => {
    const key = `order-${(calls + index) % 100_000}`;
    return variant === 'bare' ? { key, value, headers: { traceparent } } : { key, value };
  });
}

/** A topic of this sample's own: deleted afterwards, so that rounds do not fill the disk. */
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
  // A call passes through much code, and few calls fit into a second: measured after one, whoever has more code seems dearer.
  const stretch = createStretch({ warmUp: 2500 });
  await withTopic(async topic => {
    const producer = kafka.producer();
    await producer.connect();
    const send = await sendOf(producer, topic);
    const sendOn = async () => {
      do await send({ topic, messages: nextMessages() });
      while (!stretch.pass(size));
    };
    await Promise.all(Array.from({ length: concurrency }, sendOn));
    await producer.disconnect();
  });
  await finish(stretch.measured());
}

main();
