const { setTimeout } = require('node:timers/promises');
const { SpanStatusCode, trace } = require('@opentelemetry/api');
const { Kafka, Partitioners } = require('kafkajs');
const { charge } = require('./bank');
const { stages, DEAD_LETTERS_TOPIC } = require('./stages');

const { KAFKA_BROKERS = 'localhost:9092', GROUP_ID = 'payment-worker' } = process.env;
const HEARTBEAT_MS = 3_000;

const kafka = new Kafka({ clientId: 'payment-worker', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
const stopping = new AbortController();

/** Waits inside the handler. Later messages of the partition are not delayed, because each of them is due even later. */
async function untilDue({ timestamp }, delayMs, heartbeat) {
  for (;;) {
    const left = Number(timestamp) + delayMs - Date.now();
    if (left <= 0) return;
    await setTimeout(Math.min(left, HEARTBEAT_MS), undefined, { signal: stopping.signal });
    await heartbeat();
  }
}

/** Marks the span as failed. The handler catches the error, so the span would otherwise look successful. */
function markSpan(error) {
  const span = trace.getActiveSpan();
  span?.recordException(error);
  span?.setAttribute('error.type', error.name);
  span?.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
}

function handlerOf({ delayMs, next }) {
  return async ({ message, heartbeat }) => {
    await untilDue(message, delayMs, heartbeat);
    const { key, value, headers } = message;
    try {
      await charge(JSON.parse(value));
    } catch (error) {
      markSpan(error);
      await producer.send({
        topic: error.isRetryable ? next : DEAD_LETTERS_TOPIC,
        messages: [{ key, value, headers: { ...headers, 'x-error': error.message } }],
      });
    }
  };
}

/** One consumer per topic, so that a waiting payment does not block other topics. */
const consumers = stages.map(stage => {
  const consumer = kafka.consumer({
    groupId: `${GROUP_ID}.${stage.topic}`,
    // disconnect() waits until the current messages are processed.
    maxWaitTimeInMs: 500,
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (!restart) fail(error);
  });
  return { consumer, stage };
});

async function main() {
  await producer.connect();
  await Promise.all(
    consumers.map(async ({ consumer, stage }) => {
      await consumer.connect();
      await consumer.subscribe({ topic: stage.topic, fromBeginning: true });
      await consumer.run({ eachMessage: handlerOf(stage) });
    }),
  );
  console.log('payment-worker is ready');
}

async function stop() {
  stopping.abort();
  await Promise.all(consumers.map(({ consumer }) => consumer.disconnect()));
  await producer.disconnect();
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().catch(fail));
main().catch(fail);
