// A handler that does nothing, called by BENCH_HANDLER with batches of BENCH_MESSAGES messages that come from BENCH_PRODUCERS
// distinct producers.
const { createConsumer, deliver } = require('./kafka.cjs');
const { startSdk, sample } = require('../sample/sample.cjs');
const { instrument } = require('../sample/instrument.cjs');
const { fetched, watchHeaders } = require('./messages.cjs');
const facts = require('./facts.cjs');

const { BENCH_VARIANT: variant, BENCH_MODE: mode, BENCH_HANDLER: name } = process.env;
const messages = Number(process.env.BENCH_MESSAGES);
const origin = {
  producers: Number(process.env.BENCH_PRODUCERS),
  isSampled: mode !== 'unsampled',
  hasHeaders: variant !== 'headerless',
};

/** Batches in a chunk. */
const BATCHES = Math.ceil(1000 / messages);

const reader = startSdk(mode);
const isFloor = instrument(variant);

/** When kafkajs called and the program's handler was reached, in milliseconds: nothing else can run in between. */
let called = 0;
const blocks = [];

/** Of the batch that is delivered, where that is observed. */
let reads = { count: 0 };
let readsBefore = 0;

function handler() {
  if (name === 'eachBatch') {
    blocks.push(performance.now() - called);
    readsBefore = reads.count;
  }
  return Promise.resolve();
}

const consumer = createConsumer();
void consumer.run({ [name]: isFloor ? byFloor() : handler });

function byFloor() {
  const { wrapEachBatch, wrapEachMessage } = require('../floor.cjs').createFloor(facts);
  return name === 'eachBatch' ? wrapEachBatch(handler) : wrapEachMessage(handler);
}

const path = {
  unit: 'message',
  units: BATCHES * messages,
  prepare: () => Array.from({ length: BATCHES }, () => fetched(messages, origin)),
  async run(batches) {
    for (const batch of batches) {
      if (process.env.BENCH_OBSERVE) reads = watchHeaders(batch);
      called = performance.now();
      await deliver(consumer, batch);
    }
  },
};

function block() {
  if (name !== 'eachBatch') return {};
  const sorted = [...blocks].sort((one, other) => one - other);
  return { block: sorted[sorted.length >> 1], firstBlock: blocks[0], readsBefore };
}

/** What one collection of the metrics costs, in milliseconds, and how many series it brings. */
async function collection() {
  if (!reader || process.env.BENCH_COLLECTS === undefined) return {};
  const started = performance.now();
  const { resourceMetrics } = await reader.collect();
  const collect = performance.now() - started;
  const metrics = resourceMetrics.scopeMetrics.flatMap(scope => scope.metrics);
  return { collect, series: metrics.reduce((sum, { dataPoints }) => sum + dataPoints.length, 0) };
}

sample(path, async () => ({ ...block(), ...(await collection()) }));
