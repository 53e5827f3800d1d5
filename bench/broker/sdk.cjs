// The OpenTelemetry SDK for the benchmarks on a real broker. Only the exporters are replaced: they drop the data.
const { load } = require('../sample/modules.cjs');
const { context, metrics, propagation, trace } = load('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = load('@opentelemetry/context-async-hooks');
const core = load('@opentelemetry/core');
const { MeterProvider, PeriodicExportingMetricReader } = load('@opentelemetry/sdk-metrics');
const { AlwaysOffSampler, BatchSpanProcessor, TracerProvider } = load('@opentelemetry/sdk-trace');

const INTERVAL = 1000;

/**
 * The modes that record metrics. Mode `sampled` records only spans. Mode `off` records nothing: it has no metrics, and
 * its sampler drops every span.
 */
const WITH_METRICS = ['metrics', 'otlp'];

/**
 * Only mode `otlp` serializes the data (http/protobuf). The other modes do not, because serializing a span usually
 * costs more than creating it.
 */
function serializersOf(mode) {
  if (mode !== 'otlp') return { spansToBytes: () => '', metricsToBytes: () => '' };
  const { ProtobufMetricsSerializer, ProtobufTraceSerializer } = load('@opentelemetry/otlp-transformer');
  return {
    spansToBytes: spans => ProtobufTraceSerializer.serializeRequest(spans),
    metricsToBytes: points => ProtobufMetricsSerializer.serializeRequest(points),
  };
}

const exporterThat = take => ({
  export(items, done) {
    take(items);
    done({ code: core.ExportResultCode.SUCCESS });
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
});

/**
 * The span processor has its default settings, so it drops new spans while 2,048 are waiting. A dropped span costs less
 * than an exported span. Therefore the field `lost` of the result reports the share of dropped spans.
 */
function startSdk(mode) {
  const { spansToBytes, metricsToBytes } = serializersOf(mode);
  const spans = { ended: 0, exported: 0, serialized: 0 };
  const exporter = exporterThat(items => {
    spans.exported += items.length;
    spans.serialized += spansToBytes(items).length;
  });
  const processor = new BatchSpanProcessor({ exporter });
  const end = processor.onEnd.bind(processor);
  processor.onEnd = span => {
    spans.ended++;
    end(span);
  };
  const tracerProvider = new TracerProvider({
    spanProcessors: [processor],
    ...(mode === 'off' && { sampler: new AlwaysOffSampler() }),
  });
  trace.setGlobalTracerProvider(tracerProvider);
  const meterProvider = WITH_METRICS.includes(mode) ? startMetrics(exporterThat(metricsToBytes)) : undefined;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new core.CompositePropagator({
      propagators: [new core.W3CTraceContextPropagator(), new core.W3CBaggagePropagator()],
    }),
  );
  return {
    /** Numbers of ended and exported spans. In mode `otlp`, also the number of serialized bytes. */
    spans,
    async stop() {
      await tracerProvider.shutdown();
      await meterProvider?.shutdown();
    },
  };
}

function startMetrics(exporter) {
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: INTERVAL,
    exportTimeoutMillis: INTERVAL,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(meterProvider);
  return meterProvider;
}

module.exports = { startSdk };
