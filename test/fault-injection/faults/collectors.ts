import { startCollector, type CollectorBehaviour } from '../../support/collector';
import { otlpEnvironment } from '../../support/program';
import type { Fault } from '../fault';

/** Name, behaviour of the collector, and settings of the SDK. */
export const COLLECTORS: readonly (readonly [
  string,
  CollectorBehaviour,
  Readonly<Record<string, string>>?,
])[] = [
  ['The collector is down', 'refuse'],
  ['The collector never answers', 'hang'],
  ['The collector answers 500', 500],
  [
    "The exporter's queue overflows",
    'hang',
    { OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5' },
  ],
];

/** The SDK may log failed exports, but the instrumentation must log nothing. */
const NOT_OURS = /^(?!.*@org\/kafka-otel)/;

/** Runs `work` with faults in which the collector accepts no spans and metrics. */
export async function withCollectors<Result>(
  sends: number,
  work: (fault: Fault) => Promise<Result>,
): Promise<Result> {
  const started = await Promise.all(
    COLLECTORS.map(async ([name, behaviour, settings]) => ({
      name,
      settings,
      collector: await startCollector({ behaviour }),
    })),
  );
  try {
    return await work({
      scenarios: started.map(({ name, settings, collector }) => ({
        name,
        program: 'traffic',
        env: { SENDS: String(sends) },
        telemetry: {
          ...otlpEnvironment(collector, { metrics: true }),
          // A failing export lasts until its timeout. With a longer interval, exports do not overlap.
          OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
          OTEL_METRIC_EXPORT_INTERVAL: '5000',
          ...settings,
        },
        warnings: NOT_OURS,
      })),
    });
  } finally {
    await Promise.all(started.map(({ collector }) => collector.close()));
  }
}
