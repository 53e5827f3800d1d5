// Counts the SDK calls of one step of a workload and collects its spans and metrics. The results are the same on every
// machine.
const { load } = require('./modules.cjs');
const sdk = require('./sdk.cjs');

const calls = { startSpan: 0, inject: 0, extract: 0, record: 0, add: 0 };
const ended = [];
let reader;

function observeSdk(mode) {
  const { trace } = load('@opentelemetry/api');
  const { InMemorySpanExporter, SimpleSpanProcessor } = load('@opentelemetry/sdk-trace');
  const exporter = new InMemorySpanExporter();
  exporter.export = (spans, done) => {
    ended.push(...spans.map(comparable));
    done({ code: 0 });
  };
  reader = sdk.startSdk(mode, { spanProcessor: new SimpleSpanProcessor({ exporter }), isManual: true });
  if (mode === 'none') return;
  count(Object.getPrototypeOf(trace.getTracerProvider().getDelegate().getTracer('watched')), 'startSpan');
  const { propagation, metrics } = load('@opentelemetry/api');
  const propagator = propagation._getGlobalPropagator();
  count(propagator, 'inject');
  count(propagator, 'extract');
  if (mode !== 'metrics') return;
  const meter = metrics.getMeter('watched');
  count(Object.getPrototypeOf(meter.createHistogram('watched')), 'record');
  count(Object.getPrototypeOf(meter.createCounter('watched')), 'add');
}

function count(owner, name) {
  const original = owner[name];
  owner[name] = function (...args) {
    calls[name]++;
    return original.apply(this, args);
  };
}

/** Copies only the fields that are the same in every run. */
function comparable({ name, kind, attributes, links, parentSpanContext, status }) {
  return {
    name,
    kind,
    attributes,
    parent: parentSpanContext?.spanId,
    links: links.map(link => ({ spanId: link.context.spanId, attributes: link.attributes ?? {} })),
    status,
  };
}

/** @param extra - called at the end; returns additional fields of the result */
async function observe({ units, prepare, run }, extra = () => ({})) {
  const chunk = prepare();
  await run(chunk);
  const { resourceMetrics } = (await reader?.collect()) ?? {};
  const counted = { ...calls };
  const metrics = resourceMetrics ? pointsOf(resourceMetrics) : [];
  return { units, calls: counted, spans: ended, metrics, ...(await extra()) };
}

/** Returns the data points of the message metrics. Leaves out durations, which differ between runs. */
function pointsOf({ scopeMetrics }) {
  const chosen = /^(messaging\.|kafka\.message\.)/;
  return scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .filter(({ descriptor }) => chosen.test(descriptor.name))
    .flatMap(({ descriptor: { name, unit }, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({
        name,
        unit,
        attributes,
        value: value.count ?? value,
        boundaries: value.buckets?.boundaries,
      })),
    )
    .sort((one, other) => one.name.localeCompare(other.name));
}

module.exports = { observe, observeSdk };
