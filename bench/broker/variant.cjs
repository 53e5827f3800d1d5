// Which kafkajs a sample measures: alone, or with the telemetry of its variant around it.
const { createFloor } = require('../floor.cjs');
const { instrument } = require('../sample/instrument.cjs');
const { load } = require('../sample/modules.cjs');
const { startSdk } = require('./sdk.cjs');

const { BENCH_VARIANT: variant = 'bare', BENCH_MODE: mode, BENCH_BROKERS = '' } = process.env;

// Both come before kafkajs is loaded, as they do in an application.
const isAlone = variant === 'bare' || variant === 'headerless';
const sdk = isAlone ? undefined : startSdk(mode);
const isByHand = instrument(variant);
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

/** The floor is handed the facts that spans tell; an instrumentation has to find them out. */
async function floorFor(facts) {
  const { clusterId, brokers } = await withAdmin(admin => admin.describeCluster());
  const [{ host, port }] = brokers;
  return createFloor({ ...facts, clientId, clusterId, host, port });
}

/** `send` of a connected producer, with this variant's telemetry. */
async function sendOf(producer, topic) {
  const send = record => producer.send(record);
  return isByHand ? (await floorFor({ topic })).wrapSend(send) : send;
}

/** What to hand to `consumer.run`, with this variant's telemetry. */
async function runConfig(kind, handler, facts) {
  if (!isByHand) return { [kind]: handler };
  const floor = await floorFor(facts);
  return { [kind]: kind === 'eachMessage' ? floor.wrapEachMessage(handler) : floor.wrapEachBatch(handler) };
}

/** Ends the telemetry, and prints the sample. */
async function finish(measured) {
  await sdk?.stop();
  console.log(JSON.stringify({ unit: 'message', ...measured, ...(sdk && fateOf(sdk.spans)) }));
}

/** The share of spans that a full queue has lost, which makes them cheaper than they are; and in mode `otlp`, bytes to a span. */
function fateOf({ ended, exported, serialized }) {
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
