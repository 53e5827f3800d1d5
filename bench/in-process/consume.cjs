// Measures a consumer with an empty handler and without a broker. BENCH_HANDLER is eachMessage or eachBatch. Every
// batch has BENCH_MESSAGES messages from BENCH_PRODUCERS different producers.
const { createConsumer, deliver } = require('./kafka.cjs');
const { startSdk, sample } = require('../sample/sample.cjs');
const { instrument } = require('../sample/instrument.cjs');
const { fetched, watchHeaders } = require('./messages.cjs');
const { cpuTime } = require('../sample/cpu-time.cjs');
const { watchHeap } = require('../sample/heap.cjs');
const facts = require('./facts.cjs');

const { BENCH_VARIANT: variant, BENCH_MODE: mode, BENCH_HANDLER: name } = process.env;
const messages = Number(process.env.BENCH_MESSAGES);
const origin = {
  producers: Number(process.env.BENCH_PRODUCERS),
  isSampled: mode !== 'unsampled',
  hasHeaders: variant !== 'headerless',
};

const BATCHES = Math.ceil(1000 / messages);

const reader = startSdk(mode);
const held = watchHeap();
const usesFloor = instrument(variant);

/**
 * `blocks` has the time from each delivery to the start of its handler, in milliseconds. The instrumentation blocks the
 * event loop during this time.
 */
let deliveredAt = 0;
const blocks = [];

/** How often the headers of the current batch were read. The reads are counted only if BENCH_OBSERVE is set. */
let reads = { count: 0 };
let readsBefore = 0;

function handler() {
  if (name === 'eachBatch') {
    blocks.push(performance.now() - deliveredAt);
    readsBefore = reads.count;
  }
  return Promise.resolve();
}

const consumers = facts.groups.map(group => {
  const consumer = createConsumer(group);
  void consumer.run({ [name]: usesFloor ? floorHandler() : handler });
  return consumer;
});

function floorHandler() {
  const { wrapEachBatch, wrapEachMessage } = require('../floor.cjs').createFloor(facts);
  return name === 'eachBatch' ? wrapEachBatch(handler) : wrapEachMessage(handler);
}

let delivered = 0;

const path = {
  unit: 'message',
  units: BATCHES * messages,
  operations: name === 'eachBatch' ? BATCHES : BATCHES * messages,
  prepare: () => Array.from({ length: BATCHES }, () => fetched(messages, origin)),
  async run(batches) {
    for (const batch of batches) {
      if (process.env.BENCH_OBSERVE) reads = watchHeaders(batch);
      deliveredAt = performance.now();
      await deliver(consumers[delivered++ % consumers.length], batch);
    }
  },
};

function block() {
  if (name !== 'eachBatch') return {};
  const sorted = [...blocks].sort((one, other) => one - other);
  return { block: sorted[sorted.length >> 1], firstBlock: blocks[0], readsBefore };
}

async function collection() {
  if (!reader || process.env.BENCH_COLLECTS === undefined) return {};
  const before = process.cpuUsage();
  const { resourceMetrics } = await reader.collect();
  const collect = cpuTime(before) / 1000;
  const metrics = resourceMetrics.scopeMetrics.flatMap(scope => scope.metrics);
  return { collect, series: metrics.reduce((sum, { dataPoints }) => sum + dataPoints.length, 0) };
}

sample(path, async () => ({ ...block(), ...(await collection()), held: held() }));
