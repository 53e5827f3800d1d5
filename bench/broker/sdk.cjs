// The SDK that every traced variant runs under: all of it real, but for what leaves the process, which is dropped.
const { context, metrics, propagation, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const {
  CompositePropagator,
  ExportResultCode,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} = require('@opentelemetry/core');
const { MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { BatchSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace');

/** Counts what would leave, serialises it in mode `otlp`, and drops it. */
function droppingExporter(serializer) {
  const exporter = {
    items: 0,
    bytes: 0,
    export(items, done) {
      exporter.items += items.length ?? 1;
      if (serializer) exporter.bytes += serializer.serializeRequest(items).length;
      done({ code: ExportResultCode.SUCCESS });
    },
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  return exporter;
}

/** As an application with OTLP over HTTP has it: protobuf, the default protocol of the specification. */
function serializers(mode) {
  if (mode !== 'otlp') return {};
  const { ProtobufMetricsSerializer, ProtobufTraceSerializer } = require('@opentelemetry/otlp-transformer');
  return { spans: ProtobufTraceSerializer, points: ProtobufMetricsSerializer };
}

/**
 * Registers the SDK. The span processor keeps its defaults: 512 spans to an export, which starts when they are there or after 5 s;
 * 2,048 spans wait at most, and the rest is lost. Metrics are collected every second.
 */
function startSdk(mode) {
  const { spans, points } = serializers(mode);
  const spanExporter = droppingExporter(spans);
  const metricExporter = droppingExporter(points);
  const processor = new BatchSpanProcessor({ exporter: spanExporter });
  const ended = { spans: 0 };
  const counting = {
    onStart: () => undefined,
    onEnd(span) {
      ended.spans++;
      processor.onEnd(span);
    },
    forceFlush: () => processor.forceFlush(),
    shutdown: () => processor.shutdown(),
  };
  const tracerProvider = new TracerProvider({ spanProcessors: [counting] });
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 1000,
    exportTimeoutMillis: 1000,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
  return {
    /** Spans ended, spans that reached the exporter, and bytes that it was given in mode `otlp`, up to now. */
    counts: () => ({ ended: ended.spans, exported: spanExporter.items, bytes: spanExporter.bytes }),
    async stop() {
      await tracerProvider.shutdown();
      await meterProvider.shutdown();
    },
  };
}

module.exports = { startSdk };
