const { extname } = require('node:path');
const { Kafka, Partitioners } = require('kafkajs');
const { withMessageSpan } = require('@org/kafka-otel');

const {
  KAFKA_BROKERS = 'localhost:9092',
  PHOTOS_TOPIC = 'photos',
  THUMBNAILS_TOPIC = 'thumbnails',
  GROUP_ID = 'resizer',
} = process.env;

const kafka = new Kafka({ clientId: 'resizer', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
// disconnect() waits until the current messages are processed.
const consumer = kafka.consumer({ groupId: GROUP_ID, maxWaitTimeInMs: 500 });

class UnreadablePhoto extends Error {
  name = 'UnreadablePhoto';
}

async function resize({ key, value }) {
  const { name } = JSON.parse(value);
  if (extname(name) !== '.jpg') throw new UnreadablePhoto(`${name} is not a photo`);
  await producer.send({
    topic: THUMBNAILS_TOPIC,
    messages: [{ key, value: JSON.stringify({ name, width: 128 }) }],
  });
}

async function resizeAll({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, isRunning, isStale }) {
  for (const message of batch.messages) {
    // The consumer is stopping, or the partition now belongs to another consumer. Kafka delivers the remaining messages again.
    if (!isRunning() || isStale()) return;
    try {
      await withMessageSpan(batch, message, () => resize(message));
    } catch (error) {
      // An unexpected error ends the batch. kafkajs delivers the remaining messages again.
      if (!(error instanceof UnreadablePhoto)) throw error;
      console.error(`skipped: ${error.message}`);
    }
    resolveOffset(message.offset);
    await heartbeat();
    await commitOffsetsIfNecessary();
  }
}

async function main() {
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: PHOTOS_TOPIC, fromBeginning: true });
  await consumer.run({
    eachBatchAutoResolve: false,
    autoCommitThreshold: 100,
    eachBatch: resizeAll,
  });
  console.log('resizer is ready');
}

async function stop() {
  await consumer.disconnect();
  await producer.disconnect();
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
  if (!restart) fail(error);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().catch(fail));
main().catch(fail);
