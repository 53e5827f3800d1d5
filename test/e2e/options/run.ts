import { KAFKAJS, type Client } from '../flow/client';
import { runToEnd, type FinishedRun } from '../../support/run-to-end';

export type Run = FinishedRun;

export interface RunOptions {
  /** Topic names by role, passed to the program. */
  readonly topics: Readonly<Record<string, string>>;
  /** Options by environment variable; `CONFIG` selects options from `configs.cjs`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: kafkajs. */
  readonly client?: Client;
}

/** Runs a program of `fixtures/options` until it exits, with metrics and the options of a test. */
export async function run(file: string, { topics, env = {}, client = KAFKAJS }: RunOptions): Promise<Run> {
  return runToEnd({
    file: `fixtures/options/${file}`,
    execArgv: ['--require', './fixtures/options/tracing.cjs'],
    topics,
    metrics: true,
    // One export at exit is enough: the metrics are cumulative.
    env: {
      OTEL_METRIC_EXPORT_INTERVAL: '600000',
      OTEL_METRIC_EXPORT_TIMEOUT: '60000',
      OTEL_LOG_LEVEL: 'warn',
      ...(await client.env()),
      ...env,
    },
  });
}

/** The values of a metric by one attribute; for a histogram, the counts. */
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
