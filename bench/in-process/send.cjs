// `producer.send()` of BENCH_MESSAGES messages, one call after the other, inside a request that is traced.
const { load } = require('../sample/modules.cjs');
const { createProducer } = require('./kafka.cjs');
const { startSdk, sample } = require('../sample/sample.cjs');
const { instrument } = require('../sample/instrument.cjs');
const { outgoing, traceparent } = require('./messages.cjs');
const facts = require('./facts.cjs');

const { BENCH_VARIANT: variant, BENCH_MODE: mode } = process.env;
const messages = Number(process.env.BENCH_MESSAGES);

/** Calls in a chunk. */
const CALLS = Math.ceil(1000 / messages);

startSdk(mode);
const isFloor = instrument(variant);
const producer = createProducer();
const send = isFloor
  ? require('../floor.cjs').createFloor(facts).wrapSend(producer.send)
  : request => producer.send(request);
const byHand = variant === 'bare' ? { traceparent: traceparent(0, true) } : undefined;

const path = {
  unit: 'message',
  units: CALLS * messages,
  prepare: () => Array.from({ length: CALLS }, () => outgoing(messages, byHand)),
  run: requests =>
    inRequest(async () => {
      for (const request of requests) await send(request);
    }),
};

/** The span of the request that sends; the one that decides, where sampling goes by the parent. */
function inRequest(run) {
  const { ROOT_CONTEXT, context, trace } = load('@opentelemetry/api');
  const [, traceId, spanId] = traceparent(0, true).split('-');
  const parent = { traceId, spanId, traceFlags: mode === 'unsampled' ? 0 : 1, isRemote: true };
  return context.with(trace.setSpanContext(ROOT_CONTEXT, parent), run);
}

sample(path);
