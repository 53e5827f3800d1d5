// Sends to a real broker: one message a call, a hundred calls under way at a time, as a busy service does; or 500 a call, one call
// after the other, as a bulk writer does. BENCH_CALL says which, BENCH_VALUE the size of a value in bytes.
const { randomBytes } = require('node:crypto');
const { kafka, sendOf, writesHeader, spanCounts, stop } = require('./variant.cjs');
const { createWindow } = require('./measure.cjs');

const size = Number(process.env.BENCH_CALL ?? 1);
const concurrency = size === 1 ? 100 : 1;
const value = randomBytes(Number(process.env.BENCH_VALUE ?? 100) / 2).toString('hex');

/** Of the length and the variety of real ones, made beforehand: to make them is the business of no one here. */
const traceparents = Array.from(
  { length: 1000 },
  () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
);

let made = 0;
/** Messages are made anew for every call: some variants write into them. */
function nextMessages() {
  const traceparent = traceparents[made % traceparents.length];
  return Array.from({ length: size }, () => {
    const key = `order-${made++ % 100_000}`;
    return writesHeader ? { key, value, headers: { traceparent } } : { key, value };
  });
}

async function withTopic(work) {
  const topic = `bench-${randomBytes(4).toString('hex')}`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 4 }] });
  try {
    await work(topic);
  } finally {
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  }
}

async function main() {
  const window = createWindow();
  await withTopic(async topic => {
    const producer = kafka.producer();
    await producer.connect();
    const send = await sendOf(producer);
    const sendOn = async () => {
      do await send({ topic, messages: nextMessages() });
      while (!window.pass(size));
    };
    await Promise.all(Array.from({ length: concurrency }, sendOn));
    await producer.disconnect();
  });
  await stop();
  console.log(JSON.stringify({ unit: 'message', ...window.result(), spans: spanCounts() }));
}

main();
