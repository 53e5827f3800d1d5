// Sends numbers, starting at 0, with 50 messages per call.
const { Partitioners } = require('kafkajs');
const { count, kafka, topic, trackProgress } = require('./client.cjs');

const PER_CALL = 50;

async function main() {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const progress = trackProgress();
  let calls = 0;
  for (let first = 0; first < count; first += PER_CALL) {
    const length = Math.min(PER_CALL, count - first);
    const messages = Array.from({ length }, (_, index) => ({ value: String(first + index) }));
    await producer.send({ topic, messages });
    calls++;
    for (let sent = 0; sent < length; sent++) progress.advance();
  }
  await producer.disconnect();
  progress.finish({ calls });
}
void main();
