import { startCollector } from '../support/collector';
import type { ReceivedMetric, ReceivedSpan } from '../support/otlp';
import { otlpEnvironment, startProgram } from '../support/program';
import type { Topics } from './broker';
import type { Application } from './install';
import { BARE, type Way } from './ways';

/** What one run of the program has said and exported. */
export interface Run {
  /** Why it did not come to a good end. */
  readonly failure?: string;
  readonly said: Readonly<Record<string, unknown>>;
  readonly spans: readonly ReceivedSpan[];
  readonly metrics: readonly ReceivedMetric[];
  /** What it wrote to stderr. */
  readonly stderr: string;
}

/** Far more than kafkajs needs before it gives up on a broker. */
const PATIENCE_MS = 120_000;
/** After which a program that has said its last word is killed. */
const EXIT_WITHIN_MS = 15_000;
const HELD_OR_DONE = /^(holds the first of three|done)$/;

/** Runs the program of a way to its end. */
export async function runProgram(
  { folder, node }: Application,
  { name, file, execArgv }: Way,
  topics: Topics,
  brokers: readonly string[],
  patience = PATIENCE_MS,
): Promise<Run> {
  const collector = await startCollector();
  const isBare = name === BARE.name;
  const program = startProgram({
    node,
    file,
    cwd: folder,
    execArgv,
    env: {
      ...(isBare ? {} : otlpEnvironment(collector, { service: 'compat', metrics: true })),
      // An export that takes longer than its timeout is an error on stderr, and this machine may be busy.
      OTEL_METRIC_EXPORT_INTERVAL: '1500',
      OTEL_METRIC_EXPORT_TIMEOUT: '1500',
      // kafkajs sets timers of negative length, and uses a Buffer constructor of old; newer Node.js mentions both.
      NODE_NO_WARNINGS: '1',
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      KAFKA_BROKERS: brokers.join(','),
      TOPICS: JSON.stringify(topics),
    },
  });
  let failure: string | undefined;
  try {
    // A step that fails before it says so by itself, and the program goes on to its last word.
    const [first] = await program.line(HELD_OR_DONE, patience);
    if (first !== 'done') {
      if (!isBare) await lagOfAll(topics.many);
      program.send('go on');
    }
    await program.line(/^done$/, patience);
    const overdue = setTimeout(() => {
      program.kill('SIGKILL');
    }, EXIT_WITHIN_MS);
    const { code, signal } = await program.exit;
    clearTimeout(overdue);
    if (code !== 0) failure = `after its last word it ended with ${signal ?? `code ${String(code)}`}`;
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
    said: saidBy(program.stdout),
    spans: [...spans],
    metrics: [...metrics],
    stderr: program.stderr,
  };

  /** The lag counts the record that is being handled. */
  async function lagOfAll(topic: string): Promise<void> {
    await collector.waitForMetric('kafka.consumer.records_lag', ({ points }) =>
      points.some(
        ({ attributes, value }) => attributes['messaging.destination.name'] === topic && value === 3,
      ),
    );
  }
}

function saidBy(stdout: string): Readonly<Record<string, unknown>> {
  const lines = stdout.split('\n').filter(line => line.startsWith('{'));
  return Object.assign({}, ...lines.map(line => JSON.parse(line) as object)) as Record<string, unknown>;
}
