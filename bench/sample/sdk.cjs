// The SDK of a sample, by BENCH_MODE. Spans go to a processor that does nothing: what happens to them later is no business of
// an instrumentation, and the broker's cells measure it.
const { load } = require('./modules.cjs');

const MODES = ['none', 'off', 'unsampled', 'sampled', 'metrics'];

/** How often metrics are collected, in milliseconds. */
const INTERVAL = 1000;
const NEVER = 3_600_000;

/** The exporter of a reader that really collects, and drops the result. */
const dropped = {
  export: (_metrics, done) => done({ code: 0 }),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/**
 * @param options - `spanProcessor`: another one; `isManual`: metrics are collected when the returned reader is asked to
 */
function startSdk(mode, { spanProcessor, isManual = false } = {}) {
  if (!MODES.includes(mode)) throw new Error(`BENCH_MODE must be one of ${MODES.join(', ')}`);
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
