// Creates the kafkajs client of a sample, with the telemetry of its variant.
const { createFloor } = require('../floor.cjs');
const { instrument } = require('../sample/instrument.cjs');
const { load } = require('../sample/modules.cjs');
const { startSdk } = require('./sdk.cjs');

const { BENCH_VARIANT: variant = 'bare', BENCH_MODE: mode, BENCH_BROKERS = '' } = process.env;

// Like an application: SDK and instrumentation before kafkajs is loaded.
const isAlone = variant === 'bare' || variant === 'headerless';
const sdk = isAlone ? undefined : startSdk(mode);
const usesFloor = instrument(variant);
const { Kafka, logLevel } = load('kafkajs');

const clientId = 'bench';
const kafka = new Kafka({ clientId, brokers: BENCH_BROKERS.split(','), logLevel: logLevel.NOTHING });

async function withAdmin(work) {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** The baseline gets the attribute values as arguments; an instrumentation has to read them from kafkajs. */
async function floorFor(facts) {
  const { clusterId, brokers } = await withAdmin(admin => admin.describeCluster());
  const [{ host, port }] = brokers;
  return createFloor({ ...facts, clientId, clusterId, host, port });
}

/** `send` of a connected producer, with this variant's telemetry. */
async function sendOf(producer, topic) {
  const send = record => producer.send(record);
  return usesFloor ? (await floorFor({ topic })).wrapSend(send) : send;
}

/** The argument of `consumer.run`, with this variant's telemetry. */
async function runConfig(kind, handler, facts) {
  if (!usesFloor) return { [kind]: handler };
  const floor = await floorFor(facts);
  return { [kind]: kind === 'eachMessage' ? floor.wrapEachMessage(handler) : floor.wrapEachBatch(handler) };
}

/** Shuts the SDK down and prints the sample. */
async function finish(measured) {
  await sdk?.stop();
  console.log(JSON.stringify({ unit: 'message', ...measured, ...(sdk && exportFigures(sdk.spans)) }));
}

/** `lost`: share of spans dropped by a full queue, which makes spans look cheaper. `bytesPerSpan`: in mode `otlp` only. */
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
