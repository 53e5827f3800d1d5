// Creates the Kafka client of a benchmark process and starts the telemetry of the measured variant.
const { createFloor } = require('../floor.cjs');
const { instrument } = require('../sample/instrument.cjs');
const { load } = require('../sample/modules.cjs');
const { startSdk } = require('./sdk.cjs');

const { BENCH_VARIANT: variant = 'bare', BENCH_MODE: mode, BENCH_BROKERS = '', BENCH_CLIENT } = process.env;
const isConfluent = BENCH_CLIENT === 'confluent';

// Start the SDK and the instrumentation before the client is loaded, as an application must.
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

/** Uses kafkajs to manage topics, even when Confluent's client is measured. */
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
 * The hand-written instrumentation gets the cluster id and other attribute values as arguments. Confluent's client does
 * not know the cluster id and the leaders of partitions.
 */
async function floorFor(facts) {
  if (isConfluent) return createFloor({ ...facts, clientId });
  const { clusterId, brokers } = await withAdmin(admin => admin.describeCluster());
  const [{ host, port }] = brokers;
  return createFloor({ ...facts, clientId, clusterId, host, port });
}

async function sendOf(producer, topic) {
  const send = record => producer.send(record);
  return usesFloor ? (await floorFor({ topic })).wrapSend(send) : send;
}

async function runConfig(kind, handler, facts) {
  if (!usesFloor) return { [kind]: handler };
  const floor = await floorFor(facts);
  return { [kind]: kind === 'eachMessage' ? floor.wrapEachMessage(handler) : floor.wrapEachBatch(handler) };
}

async function finish(measured) {
  await sdk?.stop();
  console.log(JSON.stringify({ unit: 'message', ...measured, ...(sdk && exportFigures(sdk.spans)) }));
}

/**
 * `lost` is the share of spans that a full queue dropped. Dropped spans make the measured cost too low. `bytesPerSpan`
 * exists only in mode `otlp`.
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
