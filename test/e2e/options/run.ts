import { KAFKAJS, type Client } from '../flow/client';
import { runToEnd, type FinishedRun } from '../../support/run-to-end';

export type Run = FinishedRun;

export interface RunOptions {
  /** Topic names by role. The program gets them in an environment variable. */
  readonly topics: Readonly<Record<string, string>>;
  /** Options as environment variables. `CONFIG` selects options from `configs.cjs`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: kafkajs. */
  readonly client?: Client;
}

/** Runs a program of `fixtures/options` with metrics until it exits. */
export async function run(file: string, { topics, env = {}, client = KAFKAJS }: RunOptions): Promise<Run> {
  return runToEnd({
    file: `fixtures/options/${file}`,
    execArgv: ['--require', './fixtures/options/tracing.cjs'],
    topics,
    metrics: true,
    // Metrics are cumulative, so one export at the exit is enough.
    env: {
      OTEL_METRIC_EXPORT_INTERVAL: '600000',
      OTEL_METRIC_EXPORT_TIMEOUT: '60000',
      OTEL_LOG_LEVEL: 'warn',
      ...(await client.env()),
      ...env,
    },
  });
}

/** Returns the values of a metric by one attribute. For a histogram, returns the number of values. */
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
