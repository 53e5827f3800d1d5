import { KAFKAJS, type Client } from './client';
import { runToEnd, type FinishedRun } from '../../support/run-to-end';

export type Run = FinishedRun;

export interface RunOptions {
  /** Topic names by role. The program gets them in an environment variable. */
  readonly topics: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Run without SDK and instrumentation. */
  readonly bare?: boolean;
  /** Folder of the program below `fixtures/`. Default: `flow`. */
  readonly folder?: string;
  /** Default: kafkajs. */
  readonly client?: Client;
  /** Export metrics. Default: false. */
  readonly metrics?: boolean;
}

/**
 * Runs a traced program of `fixtures/` until it exits. stderr must be empty, because the SDK warns about spans that end
 * twice and the instrumentation warns about its own failures.
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
      // A queue that is large enough for a burst of spans.
      OTEL_BSP_MAX_QUEUE_SIZE: '20000',
      // Metrics are exported once, at the exit. A slow export on a busy machine must not log a warning about a timeout.
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
