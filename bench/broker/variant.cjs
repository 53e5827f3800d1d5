// Which kafkajs a sample measures: alone, or with the telemetry of its variant around it.
const { join } = require('node:path');
const { startSdk } = require('./sdk.cjs');

const { BENCH_VARIANT: name = 'bare', BENCH_MODE: mode, BENCH_OURS, BENCH_BROKERS } = process.env;

/** Instrumentations come before kafkajs is loaded, as they do in an application. */
function register() {
  if (name === 'bare' || name === 'headerless') return undefined;
  const sdk = startSdk(mode);
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  if (name === 'official') {
    const { KafkaJsInstrumentation } = require('@opentelemetry/instrumentation-kafkajs');
    registerInstrumentations({ instrumentations: [new KafkaJsInstrumentation()] });
  } else if (name === 'ours') {
    const { KafkaJsInstrumentation } = require(BENCH_OURS ?? join(__dirname, '..', '..', 'dist'));
    registerInstrumentations({ instrumentations: [new KafkaJsInstrumentation()] });
  } else if (name !== 'floor') {
    throw new Error(`BENCH_VARIANT=${name} is none of bare, headerless, floor, official, ours`);
  }
  return sdk;
}

const sdk = register();
const { Kafka, logLevel } = require('kafkajs');
const floor = name === 'floor' ? require('./floor.cjs') : undefined;

const clientId = 'bench';
const kafka = new Kafka({ clientId, brokers: BENCH_BROKERS.split(','), logLevel: logLevel.NOTHING });

/** The facts of the cluster that spans tell; the floor is handed them, ours finds them out. */
async function clusterFacts() {
  const admin = kafka.admin();
  await admin.connect();
  const { clusterId, brokers } = await admin.describeCluster();
  await admin.disconnect();
  return { clusterId, leader: brokers[0] };
}

/** `send` of a connected producer, with this variant's telemetry. */
async function sendOf(producer) {
  if (floor === undefined) return record => producer.send(record);
  const { clusterId } = await clusterFacts();
  return floor.floorSend(producer, clientId, clusterId);
}

/** What to hand to `consumer.run`, with this variant's telemetry. */
async function handlerOf(kind, groupId, handler) {
  if (floor === undefined) return { [kind]: handler };
  const client = { groupId, clientId, ...(await clusterFacts()) };
  const wrap = kind === 'eachMessage' ? floor.floorEachMessage : floor.floorEachBatch;
  return { [kind]: wrap(handler, client) };
}

module.exports = {
  kafka,
  sendOf,
  handlerOf,
  /** Whether the program itself writes the header that the instrumentations write for theirs. */
  writesHeader: name === 'bare',
  spanCounts: () => sdk?.counts() ?? { ended: 0, exported: 0, bytes: 0 },
  stop: async () => sdk?.stop(),
};
