import { runToEnd, type FinishedRun } from '../../support/run-to-end';

export type Run = FinishedRun;

export interface RunOptions {
  /** Topic names by role, handed to the program. */
  readonly topics: Readonly<Record<string, string>>;
  /** Options by environment variable; `CONFIG` names those of `configs.cjs`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program of `fixtures/options` to its end, with metrics, under the options that a test is about. */
export function run(file: string, { topics, env = {} }: RunOptions): Promise<Run> {
  return runToEnd({
    file: `fixtures/options/${file}`,
    execArgv: ['--require', './fixtures/options/tracing.cjs'],
    topics,
    metrics: true,
    // Exported once, when the program ends: what is cumulative says it all then.
    env: { OTEL_METRIC_EXPORT_INTERVAL: '600000', OTEL_LOG_LEVEL: 'warn', ...env },
  });
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
