import { startCollector } from '../../support/collector';
import type { ReceivedSpan } from '../../support/otlp';
import { otlpEnvironment, startProgram } from '../../support/program';

export interface Run {
  /** All spans that the program exported: it has ended, after a flush. */
  readonly spans: readonly ReceivedSpan[];
  /** What the program saw, by the name it gave to each observation. */
  readonly said: Readonly<Record<string, unknown>>;
}

export interface RunOptions {
  /** Topic names by role, handed to the program. */
  readonly topics: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Without SDK and instrumentation: what the program does by itself. */
  readonly bare?: boolean;
  /** Where the program is, below `fixtures/`; default `flow`. */
  readonly folder?: string;
}

const DEADLINE_MS = 90_000;

/**
 * Runs a program of `fixtures/` to its end, under an SDK that exports to a collector of its own. Nobody may have had a
 * reason to complain: the SDK warns of a span that ends twice, the instrumentation of a fault of its own.
 */
export async function run(
  file: string,
  { topics, env = {}, bare = false, folder = 'flow' }: RunOptions,
): Promise<Run> {
  const collector = await startCollector();
  try {
    const program = startProgram({
      file: `fixtures/${folder}/${file}`,
      execArgv: bare ? [] : ['--require', './fixtures/tracing.cjs'],
      env: {
        ...otlpEnvironment(collector, { service: file }),
        // A burst of spans must wait for its export, not be dropped.
        OTEL_BSP_MAX_QUEUE_SIZE: '20000',
        OTEL_LOG_LEVEL: 'warn',
        // kafkajs sets timers of negative length, which newer Node.js mentions.
        NODE_NO_WARNINGS: '1',
        TOPICS: JSON.stringify(topics),
        ...env,
      },
    });
    await program.line(/^done$/, DEADLINE_MS);
    const { code } = await program.exit;
    expect({ code, stderr: program.stderr }).toEqual({ code: 0, stderr: '' });
    const lines = program.stdout.split('\n').filter(line => line.startsWith('{'));
    const said = Object.assign({}, ...lines.map(line => JSON.parse(line) as object)) as Run['said'];
    return { spans: [...collector.spans], said };
  } finally {
    await collector.close();
  }
}
