import { createRequire } from 'node:module';
import { join } from 'node:path';
import { startCollector } from '../support/collector';
import type { ReceivedMetric, ReceivedSpan } from '../support/otlp';
import { otlpEnvironment, startProgram } from '../support/program';
import { runtimeOptions } from '../support/runtimes';
import type { Topics } from './broker';
import type { Application } from './install';
import { BARE, type Setup } from './setups';

/** Output, spans and metrics of a run. */
export interface Run {
  /** Why the program failed or was killed. */
  readonly failure?: string;
  /** The results that the program printed, by step. */
  readonly output: Readonly<Record<string, unknown>>;
  readonly spans: readonly ReceivedSpan[];
  readonly metrics: readonly ReceivedMetric[];
  readonly stderr: string;
}

/** Maximum time of a run. kafkajs repeats its requests for a much shorter time. */
const TIMEOUT_MS = 120_000;
/** Maximum time between the line `done` and the exit. */
const EXIT_TIMEOUT_MS = 15_000;
const WAITING_OR_DONE = /^(waiting in the first of three|done)$/;

/** Runs the program with this setup until it exits. */
export async function runProgram(
  { folder, node, runtime }: Application,
  { name, file, preloads }: Setup,
  topics: Topics,
  brokers: readonly string[],
  timeout = TIMEOUT_MS,
): Promise<Run> {
  const collector = await startCollector();
  const isBare = name === BARE.name;
  const program = startProgram({
    node,
    file,
    cwd: folder,
    execArgv: runtime
      ? runtimeOptions(
          runtime,
          preloads.map(preload => pathIn(folder, preload)),
        )
      : preloads.flatMap(preload => ['--require', preload]),
    env: {
      ...(isBare ? {} : otlpEnvironment(collector, { service: 'compat', metrics: true })),
      // On a busy machine, a shorter timeout would cause errors on stderr.
      OTEL_METRIC_EXPORT_INTERVAL: '1500',
      OTEL_METRIC_EXPORT_TIMEOUT: '1500',
      // Hide warnings of newer Node.js versions about kafkajs, which uses negative timeouts and an old Buffer
      // constructor.
      NODE_NO_WARNINGS: '1',
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      KAFKA_BROKERS: brokers.join(','),
      TOPICS: JSON.stringify(topics),
    },
  });
  let failure: string | undefined;
  try {
    // After a failed step, the program prints `done` without waiting.
    const [first] = await program.line(WAITING_OR_DONE, timeout);
    if (first !== 'done') {
      if (!isBare) await waitForFullLag(topics.many);
      program.send('continue');
    }
    await program.line(/^done$/, timeout);
    const overdue = setTimeout(() => {
      program.kill('SIGKILL');
    }, EXIT_TIMEOUT_MS);
    const { code, signal } = await program.exit;
    clearTimeout(overdue);
    if (code !== 0) failure = `exited after "done" with ${signal ?? `code ${String(code)}`}`;
  } catch (error) {
    failure = String(error);
    program.kill('SIGKILL');
    await program.exit.catch(() => undefined);
  } finally {
    await collector.close();
  }
  const { spans, metrics } = collector;
  return {
    ...(failure === undefined ? {} : { failure }),
    output: parseOutput(program.stdout),
    spans: [...spans],
    metrics: [...metrics],
    stderr: withoutTimerWarnings(program.stderr),
  };

  /** Waits until the lag was exported. The lag includes the message that is being handled. */
  async function waitForFullLag(topic: string): Promise<void> {
    await collector.waitForMetric('kafka.consumer.records_lag', ({ points }) =>
      points.some(
        ({ attributes, value }) => attributes['messaging.destination.name'] === topic && value === 3,
      ),
    );
  }
}

/** Deno does not find a package by its name in `--require`. */
const pathIn = (folder: string, preload: string): string => createRequire(join(folder, 'x')).resolve(preload);

/** kafkajs uses negative timeouts. Deno has no variable that hides its warning about them. */
const withoutTimerWarnings = (stderr: string): string =>
  stderr.replace(/\(node:\d+\) TimeoutNegativeWarning: .*\nTimeout duration was set to 1\.\n/g, '');

function parseOutput(stdout: string): Readonly<Record<string, unknown>> {
  const lines = stdout.split('\n').filter(line => line.startsWith('{'));
  return Object.assign({}, ...lines.map(line => JSON.parse(line) as object)) as Record<string, unknown>;
}
