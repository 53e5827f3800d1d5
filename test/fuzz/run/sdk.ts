import { context, diag, DiagLogLevel, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { SamplingDecision, TracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace';

/** Number of started and ended spans, and the logged errors. */
export interface SdkActivity {
  started: number;
  ended: number;
  /** How often the instrumentation logged each warning or error. */
  readonly logged: Map<string, number>;
}

class ManualReader extends MetricReader {
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * Starts a real SDK without exporters. Its ids are consecutive numbers, because random ids would consume random numbers
 * that kafkajs uses too. The two runs of a program would then differ.
 */
export function startSdk(): { readonly activity: SdkActivity; readonly collect: () => Promise<unknown> } {
  const activity: SdkActivity = { started: 0, ended: 0, logged: new Map() };
  let id = 1;
  const next = (length: number) => (id++).toString(16).padStart(length, 'a');
  const count: SpanProcessor = {
    onStart: () => activity.started++,
    onEnd: () => activity.ended++,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const provider = new TracerProvider({
    idGenerator: { generateTraceId: () => next(32), generateSpanId: () => next(16) },
    spanProcessors: [count],
    sampler: {
      shouldSample: parent => ({
        decision:
          parent.getValue(UNSAMPLED) === true
            ? SamplingDecision.NOT_RECORD
            : SamplingDecision.RECORD_AND_SAMPLED,
      }),
      toString: () => 'by context key',
    },
  });
  const reader = new ManualReader();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
  const record = (...parts: unknown[]) => {
    const text = parts.map(String).join(' ');
    activity.logged.set(text, (activity.logged.get(text) ?? 0) + 1);
  };
  const silent = () => undefined;
  diag.setLogger(
    { error: record, warn: record, info: silent, debug: silent, verbose: silent },
    DiagLogLevel.WARN,
  );
  return { activity, collect: () => reader.collect() };
}

/** Marks a context in which the sampler drops spans. */
export const UNSAMPLED = Symbol('unsampled');
