import {
  AggregationTemporality,
  MeterProvider,
  MetricReader,
  type MetricData,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { namingOf, vocabularyOf } from '../../../src/semconv/vocabulary';
import { MetricsRecorder } from '../../../src/metrics/recorder';
import type { Runtime } from '../../../src/runtime';

/** A reader that collects only on request. */
class ManualReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** A series in the form that a reader gets. */
export interface Point {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

/** A meter provider with its own readers. */
export interface Measured {
  readonly provider: MeterProvider;
  /** Collects once and returns the points of a metric. The result is empty if the metric has no data. */
  readonly read: (name: string, temporality?: 'cumulative' | 'delta') => Promise<readonly Point[]>;
  /** Collects once and returns all metrics by name. */
  readonly all: (temporality?: 'cumulative' | 'delta') => Promise<Readonly<Record<string, MetricData>>>;
}

/** Creates a real SDK with a cumulative and a delta reader. They collect only on request. */
export function measured(views: ViewOptions[] = []): Measured {
  const readerOf = (temporality: AggregationTemporality) =>
    new ManualReader({ aggregationTemporalitySelector: () => temporality });
  const readers = {
    cumulative: readerOf(AggregationTemporality.CUMULATIVE),
    delta: readerOf(AggregationTemporality.DELTA),
  };
  const provider = new MeterProvider({ readers: Object.values(readers), views });
  const all: Measured['all'] = async (temporality = 'cumulative') => {
    const { resourceMetrics, errors } = await readers[temporality].collect();
    expect(errors).toEqual([]);
    const metrics = resourceMetrics.scopeMetrics.flatMap(scope => scope.metrics);
    return Object.fromEntries(metrics.map(metric => [metric.descriptor.name, metric]));
  };
  return {
    provider,
    all,
    async read(name, temporality) {
      return (await all(temporality))[name]?.dataPoints ?? [];
    },
  };
}

/** Creates a recorder without a meter. */
export function freshMetrics(): MetricsRecorder {
  const metrics = new MetricsRecorder(run => {
    run();
  });
  metrics.useNames(vocabularyOf('1.44'), namingOf('semconv'));
  return metrics;
}

/** Records metrics with a provider that the test reads. Shuts down the providers after the tests. */
export function useMeasuring() {
  const providers: MeterProvider[] = [];
  afterAll(() => Promise.all(providers.map(provider => provider.shutdown())));
  const start = ({ requestMetrics = false, views = [] as ViewOptions[] } = {}) => {
    const sdk = measured(views);
    providers.push(sdk.provider);
    const metrics = freshMetrics();
    metrics.useMeter(sdk.provider.getMeter('test'), requestMetrics);
    return { metrics, ...sdk };
  };
  return {
    start,
    /** Returns the same runtime with metrics. */
    with(runtime: Runtime, options?: Parameters<typeof start>[0]) {
      const { metrics, read } = start(options);
      return { runtime: { ...runtime, metrics }, metrics, read };
    },
  };
}
