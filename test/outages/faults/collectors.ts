import { startCollector, type CollectorBehaviour } from '../../support/collector';
import { otlpEnvironment } from '../../support/program';
import type { Fault } from '../fault';

/** What becomes of the telemetry: name, collector, settings of the SDK. */
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

/** The SDK may complain of its exports; the instrumentation has nothing to say. */
const OF_OTHERS = /^(?!.*@org\/kafka-otel)/;

/** Runs `work` with the fault that spans and metrics go to collectors that do not take them. */
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
        telemetry: { ...otlpEnvironment(collector, { metrics: true }), ...settings },
        warnings: OF_OTHERS,
      })),
    });
  } finally {
    await Promise.all(started.map(({ collector }) => collector.close()));
  }
}
