// The SDK of the benchmarks without a broker. BENCH_MODE selects what it does. The span processor is empty, because a
// real one costs the same for every instrumentation. The benchmarks on a real broker include this cost.
const { load } = require('./modules.cjs');

const MODES = ['none', 'off', 'unsampled', 'sampled', 'metrics'];

const INTERVAL = 1000;
const NEVER = 3_600_000;

const dropped = {
  export: (_metrics, done) => done({ code: 0 }),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/**
 * @param options - `spanProcessor` replaces the empty processor. With `isManual`, metrics are collected only through
 * the returned reader
 */
function startSdk(mode, { spanProcessor, isManual = false } = {}) {
  if (!MODES.includes(mode)) throw new Error(`Unknown BENCH_MODE "${mode}"; expected ${MODES.join(', ')}`);
  if (mode === 'none') return undefined;
  const { context, propagation, trace } = load('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = load('@opentelemetry/context-async-hooks');
  const core = load('@opentelemetry/core');
  const sdk = load('@opentelemetry/sdk-trace');
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new core.CompositePropagator({
      propagators: [new core.W3CTraceContextPropagator(), new core.W3CBaggagePropagator()],
    }),
  );
  const sampler =
    mode === 'off'
      ? new sdk.AlwaysOffSampler()
      : new sdk.ParentBasedSampler({ root: new sdk.AlwaysOnSampler() });
  trace.setGlobalTracerProvider(
    new sdk.TracerProvider({ sampler, spanProcessors: [spanProcessor ?? new sdk.NoopSpanProcessor()] }),
  );
  return mode === 'metrics' ? startMetrics(isManual) : undefined;
}

function startMetrics(isManual) {
  const { metrics } = load('@opentelemetry/api');
  const { MeterProvider, PeriodicExportingMetricReader } = load('@opentelemetry/sdk-metrics');
  const interval = isManual ? NEVER : INTERVAL;
  const reader = new PeriodicExportingMetricReader({
    exporter: dropped,
    exportIntervalMillis: interval,
    exportTimeoutMillis: interval,
  });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  return reader;
}

module.exports = { startSdk };
