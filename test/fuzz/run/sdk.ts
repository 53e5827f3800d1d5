import { context, diag, DiagLogLevel, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { SamplingDecision, TracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace';

/** What the SDK has seen. */
export interface Seen {
  started: number;
  ended: number;
  /** What the instrumentation has logged as its own fault, and how often. */
  readonly faults: Map<string, number>;
}

/** Collects when it is asked to. */
class OnDemand extends MetricReader {
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * A real SDK that exports to nobody. Its ids are counted: the random ones would take from the sequence that kafkajs's own
 * choices come from, and the two runs of a program would differ by that.
 */
export function startSdk(): { readonly seen: Seen; readonly collect: () => Promise<unknown> } {
  const seen: Seen = { started: 0, ended: 0, faults: new Map() };
  let id = 1;
  const next = (length: number) => (id++).toString(16).padStart(length, 'a');
  const count: SpanProcessor = {
    onStart: () => seen.started++,
    onEnd: () => seen.ended++,
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
      toString: () => 'as the program says',
    },
  });
  const reader = new OnDemand();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
  const fault = (...parts: unknown[]) => {
    const text = parts.map(String).join(' ');
    seen.faults.set(text, (seen.faults.get(text) ?? 0) + 1);
  };
  const silent = () => undefined;
  diag.setLogger(
    { error: fault, warn: fault, info: silent, debug: silent, verbose: silent },
    DiagLogLevel.WARN,
  );
  return { seen, collect: () => reader.collect() };
}

/** Under this key, spans are not recorded. */
export const UNSAMPLED = Symbol('unsampled');
