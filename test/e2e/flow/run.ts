import { runToEnd, type FinishedRun } from '../../support/run-to-end';

export type Run = FinishedRun;

export interface RunOptions {
  /** Topic names by role, handed to the program. */
  readonly topics: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Without SDK and instrumentation: what the program does by itself. */
  readonly bare?: boolean;
  /** Where the program is, below `fixtures/`; default `flow`. */
  readonly folder?: string;
}

/**
 * Runs a program of `fixtures/` to its end, traced. Nobody may have had a reason to complain: the SDK warns of a span that
 * ends twice, the instrumentation of a fault of its own.
 */
export async function run(
  file: string,
  { topics, env = {}, bare = false, folder = 'flow' }: RunOptions,
): Promise<Run> {
  const ended = await runToEnd({
    file: `fixtures/${folder}/${file}`,
    execArgv: bare ? [] : ['--require', './fixtures/tracing.cjs'],
    topics,
    // A burst of spans must wait for its export, not be dropped.
    env: { OTEL_BSP_MAX_QUEUE_SIZE: '20000', OTEL_LOG_LEVEL: 'warn', ...env },
  });
  expect(ended.stderr).toBe('');
  return ended;
}
