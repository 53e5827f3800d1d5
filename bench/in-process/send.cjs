// Measures `producer.send()` inside a traced request. Each call sends BENCH_MESSAGES messages. The calls run one after
// another.
const { load } = require('../sample/modules.cjs');
const { createProducer } = require('./kafka.cjs');
const { startSdk, sample } = require('../sample/sample.cjs');
const { instrument } = require('../sample/instrument.cjs');
const { outgoing, traceparent } = require('./messages.cjs');
const { watchHeap } = require('../sample/heap.cjs');
const facts = require('./facts.cjs');

const { BENCH_VARIANT: variant, BENCH_MODE: mode } = process.env;
const messages = Number(process.env.BENCH_MESSAGES);

const CALLS = Math.ceil(1000 / messages);

startSdk(mode);
const held = watchHeap();
const usesFloor = instrument(variant);
const producers = Array.from({ length: facts.producers }, createProducer);
const [producer] = producers;
let calls = 0;
const send = usesFloor
  ? require('../floor.cjs').createFloor(facts).wrapSend(producer.send)
  : request => producers[calls++ % producers.length].send(request);
const constantHeaders = variant === 'bare' ? { traceparent: traceparent(0, true) } : undefined;

const path = {
  unit: 'message',
  units: CALLS * messages,
  operations: CALLS,
  prepare: () => Array.from({ length: CALLS }, () => outgoing(messages, constantHeaders)),
  run: requests =>
    inRequest(async () => {
      for (const request of requests) await send(request);
    }),
};

/**
 * Runs the sends inside a sampled parent span: a parent-based sampler records spans only if their parent is sampled.
 */
function inRequest(run) {
  const { ROOT_CONTEXT, context, trace } = load('@opentelemetry/api');
  const [, traceId, spanId] = traceparent(0, true).split('-');
  const parent = { traceId, spanId, traceFlags: mode === 'unsampled' ? 0 : 1, isRemote: true };
  return context.with(trace.setSpanContext(ROOT_CONTEXT, parent), run);
}

sample(path, () => ({ held: held() }));
