// Measures single SDK operations in µs, for example the start of a span. The results show how fast the machine is at
// the moment.
const { cpuTime } = require('./cpu-time.cjs');
const { load } = require('./modules.cjs');

/** Use as many attributes as the reference measurement in `report/floor-check.ts`: eight per span, four per metric. */
const SPAN = Object.fromEntries(
  Array.from({ length: 8 }, (_, index) => [`attribute.${index}`, `value ${index}`]),
);
const SERIES = Object.fromEntries(Object.entries(SPAN).slice(0, 4));

/** 20,000 repetitions are enough for V8 to compile the code, and they take little time. */
const WARM_UP = 20_000;
const OPERATIONS = 20_000;

function timeSdkOperations(mode) {
  const { ROOT_CONTEXT, metrics, propagation, trace } = load('@opentelemetry/api');
  const tracer = trace.getTracer('sdk-operations');
  const parent = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: mode === 'unsampled' ? 0 : 1,
    isRemote: true,
  });
  const headers = { traceparent: Buffer.from('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01') };
  const getter = { keys: Object.keys, get: (carrier, key) => carrier[key]?.toString() };
  const operations = {
    span: () => tracer.startSpan('sdk-operations', { attributes: SPAN }, parent).end(),
    inject: () => propagation.inject(parent, {}),
    extract: () => propagation.extract(ROOT_CONTEXT, headers, getter),
  };
  if (mode === 'metrics') {
    const histogram = metrics.getMeter('sdk-operations').createHistogram('sdk-operations');
    operations.histogram = () => histogram.record(0.004, SERIES);
  }
  return Object.fromEntries(Object.entries(operations).map(([name, run]) => [name, timed(run)]));
}

function timed(run) {
  for (let index = 0; index < WARM_UP; index++) run();
  const before = process.cpuUsage();
  for (let index = 0; index < OPERATIONS; index++) run();
  return cpuTime(before) / OPERATIONS;
}

module.exports = { timeSdkOperations };
