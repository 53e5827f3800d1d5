// Creates the Kafka client of a benchmark process, with the telemetry of the measured variant.
const { createFloor } = require('../floor.cjs');
const { instrument } = require('../sample/instrument.cjs');
const { load } = require('../sample/modules.cjs');
const { startSdk } = require('./sdk.cjs');

const { BENCH_VARIANT: variant = 'bare', BENCH_MODE: mode, BENCH_BROKERS = '', BENCH_CLIENT } = process.env;
const isConfluent = BENCH_CLIENT === 'confluent';

// Start the SDK and the instrumentation before loading the client, as an application must.
const isAlone = variant === 'bare' || variant === 'headerless';
const sdk = isAlone ? undefined : startSdk(mode);
const usesFloor = instrument(variant);
const { Kafka, logLevel } = load('kafkajs');

const clientId = 'bench';
const brokers = BENCH_BROKERS.split(',');
const kafkajs = new Kafka({ clientId, brokers, logLevel: logLevel.NOTHING });
const kafka = isConfluent ? confluentKafka() : kafkajs;

function confluentKafka() {
  const { KafkaJS } = load('@confluentinc/kafka-javascript');
  return new KafkaJS.Kafka({ kafkaJS: { clientId, brokers, logLevel: KafkaJS.logLevel.NOTHING } });
}

/** Manages topics, for both clients. */
async function withAdmin(work) {
  const admin = kafkajs.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/**
 * The hand-written instrumentation (`floor`) gets attribute values such as the cluster id as arguments. A real instrumentation must
 * read them from kafkajs. With Confluent's client, the cluster id and the leaders of partitions are unknown.
 */
async function floorFor(facts) {
  if (isConfluent) return createFloor({ ...facts, clientId });
  const { clusterId, brokers } = await withAdmin(admin => admin.describeCluster());
  const [{ host, port }] = brokers;
  return createFloor({ ...facts, clientId, clusterId, host, port });
}

/** Returns the producer's `send`, with the telemetry of the measured variant. */
async function sendOf(producer, topic) {
  const send = record => producer.send(record);
  return usesFloor ? (await floorFor({ topic })).wrapSend(send) : send;
}

/** Returns the argument of `consumer.run`, with the telemetry of the measured variant. */
async function runConfig(kind, handler, facts) {
  if (!usesFloor) return { [kind]: handler };
  const floor = await floorFor(facts);
  return { [kind]: kind === 'eachMessage' ? floor.wrapEachMessage(handler) : floor.wrapEachBatch(handler) };
}

/** Shuts down the SDK and prints the result as JSON. */
async function finish(measured) {
  await sdk?.stop();
  console.log(JSON.stringify({ unit: 'message', ...measured, ...(sdk && exportFigures(sdk.spans)) }));
}

/**
 * `lost` is the share of spans that the full queue dropped; dropped spans make the cost look lower. `bytesPerSpan` exists only in
 * mode `otlp`.
 */
function exportFigures({ ended, exported, serialized }) {
  return { lost: ended && 1 - exported / ended, bytesPerSpan: exported && serialized / exported };
}

module.exports = {
  kafka,
  variant,
  withAdmin,
  sendOf,
  runConfig,
  finish,
};
