import { context, diag, metrics, propagation, trace } from '@opentelemetry/api';
import type { KafkaJsInstrumentation } from '../../..';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { AlwaysOnSampler, TracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Watch } from './watch';

/** A complete OpenTelemetry SDK in this process. A test can make any call to this SDK fail. */
export interface WatchedTelemetry {
  /** Names of the spans that have not ended. */
  open(): string[];
  /** Collects all metrics once. */
  collect(): Promise<void>;
  /** What this package wrote to OpenTelemetry's diag logger, one line per call. */
  readonly logged: readonly string[];
  readonly loggerProvider: Parameters<KafkaJsInstrumentation['setLoggerProvider']>[0];
  close(): Promise<void>;
}

class ManualReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** Registers the SDK globally. With `loggerFails`, the diag logger throws too. */
export function registerTelemetry(watch: Watch, { loggerFails = false } = {}): WatchedTelemetry {
  const open = new Map<unknown, string>();
  const processor: SpanProcessor = {
    onStart: span => void open.set(span, span.name),
    onEnd: span => void open.delete(span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const sdk = new TracerProvider({
    sampler: watch.methods('sampler', new AlwaysOnSampler()),
    spanProcessors: [watch.methods('processor', processor)],
  });
  const reader = new ManualReader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  const contextManager = new AsyncLocalStorageContextManager().enable();
  const w3c = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
  const logged: string[] = [];

  trace.setGlobalTracerProvider(watch.methods('tracerProvider', sdk));
  metrics.setGlobalMeterProvider(watch.methods('meterProvider', meterProvider));
  context.setGlobalContextManager(watch.methods('contextManager', contextManager));
  propagation.setGlobalPropagator(watch.methods('propagator', new CompositePropagator({ propagators: w3c })));
  const log = (...parts: unknown[]) => {
    logged.push(parts.map(String).join(' '));
    if (loggerFails) throw new Error('the logger failed');
  };
  diag.setLogger(
    { error: log, warn: log, info: () => undefined, debug: () => undefined, verbose: () => undefined },
    { suppressOverrideMessage: true },
  );

  return {
    open: () => [...open.values()],
    collect: async () => {
      const { errors } = await reader.collect();
      logged.push(...errors.map(error => `metric reader error: ${String(error)}`));
    },
    logged,
    loggerProvider: watch.methods('loggerProvider', {
      getLogger: () => ({ emit: () => undefined, enabled: () => true }),
    }),
    async close() {
      for (const api of [trace, metrics, context, propagation, diag]) api.disable();
      await Promise.all([meterProvider.shutdown(), sdk.shutdown()]);
    },
  };
}
