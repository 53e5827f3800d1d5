import { startCollector } from '../../support/collector';
import type { ReceivedMetric, ReceivedSpan } from '../../support/otlp';
import { otlpEnvironment, startProgram } from '../../support/program';

export interface Run {
  /** All that the program exported: it has ended, after a flush. */
  readonly spans: readonly ReceivedSpan[];
  readonly metrics: readonly ReceivedMetric[];
  /** What the program saw, by the name it gave to each observation. */
  readonly said: Readonly<Record<string, unknown>>;
  readonly stderr: string;
}

export interface RunOptions {
  /** Topic names by role, handed to the program. */
  readonly topics: Readonly<Record<string, string>>;
  /** Options by environment variable; `CONFIG` names those of `configs.cjs`. */
  readonly env?: Readonly<Record<string, string>>;
}

const DEADLINE_MS = 90_000;

/** Runs a program of `fixtures/options` to its end, with metrics, under the options that a test is about. */
export async function run(file: string, { topics, env = {} }: RunOptions): Promise<Run> {
  const collector = await startCollector();
  try {
    const program = startProgram({
      file: `fixtures/options/${file}`,
      execArgv: ['--require', './fixtures/options/tracing.cjs'],
      env: {
        ...otlpEnvironment(collector, { service: file, metrics: true }),
        // Once, when the program ends: what is cumulative says it all then.
        OTEL_METRIC_EXPORT_INTERVAL: '600000',
        OTEL_LOG_LEVEL: 'warn',
        // kafkajs sets timers of negative length, which newer Node.js mentions.
        NODE_NO_WARNINGS: '1',
        TOPICS: JSON.stringify(topics),
        ...env,
      },
    });
    await program.line(/^done$/, DEADLINE_MS);
    const { code } = await program.exit;
    expect({ code, stderr: program.stderr }).toMatchObject({ code: 0 });
    const lines = program.stdout.split('\n').filter(line => line.startsWith('{'));
    const said = Object.assign({}, ...lines.map(line => JSON.parse(line) as object)) as Run['said'];
    return { spans: [...collector.spans], metrics: [...collector.metrics], said, stderr: program.stderr };
  } finally {
    await collector.close();
  }
}

/** The values of a metric by one attribute; of a histogram, how many were recorded. */
export function valuesBy(
  { metrics }: Pick<Run, 'metrics'>,
  name: string,
  attribute: string,
): Record<string, number> {
  const points = metrics.filter(metric => metric.name === name).flatMap(metric => metric.points);
  const values: Record<string, number> = {};
  for (const { attributes, value, count } of points) {
    const text = attributes[attribute];
    const key = typeof text === 'string' ? text : 'none';
    values[key] = (values[key] ?? 0) + (count ?? value);
  }
  return values;
}
