import { startCollector } from './collector';
import type { ReceivedLog, ReceivedMetric, ReceivedSpan } from './otlp';
import { otlpEnvironment, startProgram } from './program';

/** What a program has exported and said; it has ended, after a flush. */
export interface Ended {
  readonly spans: readonly ReceivedSpan[];
  readonly metrics: readonly ReceivedMetric[];
  readonly logs: readonly ReceivedLog[];
  /** What the program saw, by the name it gave to each observation. */
  readonly said: Readonly<Record<string, unknown>>;
  readonly stderr: string;
}

interface Options {
  readonly file: string;
  readonly execArgv: readonly string[];
  /** Topic names by role, handed to the program. */
  readonly topics: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly metrics?: boolean;
  readonly logs?: boolean;
}

const DEADLINE_MS = 90_000;

/** Runs a program that says `done` to its end, which must be a good one, under an SDK that exports to a collector of its own. */
export async function runToEnd({ file, execArgv, topics, env = {}, ...signals }: Options): Promise<Ended> {
  const collector = await startCollector();
  try {
    const program = startProgram({
      file,
      execArgv,
      env: {
        ...otlpEnvironment(collector, { service: file.replace(/^.*\//, ''), ...signals }),
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
    const said = Object.assign({}, ...lines.map(line => JSON.parse(line) as object)) as Ended['said'];
    const { spans, metrics, logs } = collector;
    return { spans: [...spans], metrics: [...metrics], logs: [...logs], said, stderr: program.stderr };
  } finally {
    await collector.close();
  }
}
