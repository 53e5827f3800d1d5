// Consumes numbers, and counts how often each number is delivered.
const { writeFileSync } = require('node:fs');
const { count, kafka, topic, trackProgress } = require('./client.cjs');

async function main() {
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 500 });
  const { GROUP_JOIN, END_BATCH_PROCESS, CRASH } = consumer.events;
  const times = new Uint8Array(count);
  let distinct = 0;
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  consumer.on(GROUP_JOIN, () => console.log('joined'));
  const all = new Promise((resolve, reject) => {
    consumer.on(END_BATCH_PROCESS, () => distinct === count && resolve());
    consumer.on(CRASH, ({ payload }) => reject(payload.error));
  });
  const progress = trackProgress();
  await consumer.run({
    eachMessage: async ({ message }) => {
      const number = Number(message.value.toString());
      if (times[number]++ > 0) return;
      distinct++;
      progress.advance();
    },
  });
  await all;
  await consumer.disconnect();
  writeFileSync(process.env.TIMES, times);
  progress.finish({ distinct });
}
void main();
