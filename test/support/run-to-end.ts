import { startCollector } from './collector';
import type { ReceivedLog, ReceivedMetric, ReceivedSpan } from './otlp';
import { otlpEnvironment, startProgram } from './program';

export interface FinishedRun {
  readonly spans: readonly ReceivedSpan[];
  readonly metrics: readonly ReceivedMetric[];
  readonly logs: readonly ReceivedLog[];
  /** All JSON objects that the program printed, combined into one object. */
  readonly reported: Readonly<Record<string, unknown>>;
  readonly stderr: string;
}

interface Options {
  readonly file: string;
  readonly execArgv: readonly string[];
  /** Node.js executable. Default: the executable that runs the tests. */
  readonly node?: string | undefined;
  /** Topic names. The program reads them from the environment variable `TOPICS`. */
  readonly topics: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly metrics?: boolean;
  readonly logs?: boolean;
}

const DEADLINE_MS = 90_000;

/** Runs a program that prints `done` and then exits with code 0. The program exports to a collector of its own. */
export async function runToEnd({
  file,
  execArgv,
  node = process.execPath,
  topics,
  env = {},
  ...signals
}: Options): Promise<FinishedRun> {
  const collector = await startCollector();
  try {
    const program = startProgram({
      file,
      execArgv,
      node,
      env: {
        ...otlpEnvironment(collector, { service: file.replace(/^.*\//, ''), ...signals }),
        // Hide warnings about negative timeouts, which kafkajs causes on newer Node.js versions.
        NODE_NO_WARNINGS: '1',
        TOPICS: JSON.stringify(topics),
        ...env,
      },
    });
    await program.line(/^done$/, DEADLINE_MS);
    const { code } = await program.exit;
    expect({ code, stderr: program.stderr }).toMatchObject({ code: 0 });
    const lines = program.stdout.split('\n').filter(line => line.startsWith('{'));
    const reported = Object.assign(
      {},
      ...lines.map(line => JSON.parse(line) as object),
    ) as FinishedRun['reported'];
    const { spans, metrics, logs } = collector;
    return { spans: [...spans], metrics: [...metrics], logs: [...logs], reported, stderr: program.stderr };
  } finally {
    await collector.close();
  }
}
