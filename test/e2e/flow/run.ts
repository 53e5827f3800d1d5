import { KAFKAJS, type Client } from './client';
import { runToEnd, type FinishedRun } from '../../support/run-to-end';

export type Run = FinishedRun;

export interface RunOptions {
  /** Topic names by role, passed to the program. */
  readonly topics: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Without SDK and instrumentation. */
  readonly bare?: boolean;
  /** Folder of the program below `fixtures/`. Default `flow`. */
  readonly folder?: string;
  /** Default: kafkajs. */
  readonly client?: Client;
  /** Export metrics too; default false. */
  readonly metrics?: boolean;
}

/**
 * Runs a traced program of `fixtures/` until it exits. stderr must be empty: the SDK warns about a span that ends twice, the
 * instrumentation about its own failures.
 */
export async function run(
  file: string,
  { topics, env = {}, bare = false, folder = 'flow', client = KAFKAJS, metrics = false }: RunOptions,
): Promise<Run> {
  const ended = await runToEnd({
    file: `fixtures/${folder}/${file}`,
    execArgv: bare ? [] : ['--require', './fixtures/tracing.cjs'],
    node: client.node,
    topics,
    metrics,
    env: {
      // Large enough that a burst of spans is not dropped.
      OTEL_BSP_MAX_QUEUE_SIZE: '20000',
      // Metrics are exported once, at exit. An export that takes long on a busy machine would log a warning.
      OTEL_METRIC_EXPORT_INTERVAL: '60000',
      OTEL_METRIC_EXPORT_TIMEOUT: '60000',
      OTEL_LOG_LEVEL: 'warn',
      ...(await client.env()),
      ...env,
    },
  });
  expect(ended.stderr).toBe('');
  return ended;
}
