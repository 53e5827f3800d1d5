import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram, type Program } from '../support/program';

/** What one program of the pair tells of itself. */
export interface Told {
  /** Bytes that the heap has grown, after a collection, from the tenth part of the messages to the last. */
  readonly grown: number;
  readonly seconds: number;
  readonly calls?: number;
  readonly spans?: {
    readonly started: number;
    readonly ended: number;
    /** Consumer spans whose one link is not to their parent. */
    readonly unlinked: number;
    readonly failed: number;
  };
}

/** A run of the pair: what either program said, and what they noted of each message. */
export interface Pair {
  readonly producer: Told;
  readonly consumer: Told;
  /** How often each message was handled, by its number. */
  readonly times: Uint8Array;
  /** The span that each message was sent in, and the parent of the span it was handled in: 24 bytes per number. */
  readonly sentIn: Buffer;
  readonly handledFrom: Buffer;
  /** Lines on stderr. */
  readonly said: readonly string[];
}

export interface PairOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly count: number;
  readonly isBare: boolean;
  /** A folder for what the programs write. */
  readonly folder: string;
  /** Called now and then with the number of messages handled. */
  readonly progress: (handled: number) => void;
}

/** A consumer that has not joined by then will not. */
const JOIN_MS = 60_000;
/** Far more than the slowest machine needs for one message. */
const MS_PER_MESSAGE = 5;

/** Runs a producer process and a consumer process to their end, at the same time. */
export async function runPair(options: PairOptions): Promise<Pair> {
  const { brokers, topic, count, isBare, folder, progress } = options;
  const deadline = JOIN_MS + count * MS_PER_MESSAGE;
  const file = (name: string) => join(folder, `${topic}-${name}`);
  const start = (role: string): Program =>
    startProgram({
      file: `test/soak/programs/${role}.cjs`,
      execArgv: ['--expose-gc', ...(isBare ? [] : ['--require', './test/soak/programs/tracing.cjs'])],
      env: {
        KAFKA_BROKERS: brokers.join(),
        TOPIC: topic,
        COUNT: String(count),
        IDS: file(role),
        TIMES: file('times'),
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_LOG_LEVEL: 'warn',
      },
    });
  const consumer = start('consumer');
  await consumer.line(/^joined$/, JOIN_MS);
  const producer = start('producer');
  const display = setInterval(() => {
    progress(Number(/progress (\d+)\s*$/.exec(consumer.stdout)?.[1] ?? 0));
  }, 500);
  try {
    const [sent, handled] = await Promise.all([told(producer, deadline), told(consumer, deadline)]);
    progress(count);
    const noted = (role: string) => (isBare ? Buffer.alloc(0) : readFileSync(file(role)));
    return {
      producer: sent,
      consumer: handled,
      times: readFileSync(file('times')),
      sentIn: noted('producer'),
      handledFrom: noted('consumer'),
      said: `${producer.stderr}${consumer.stderr}`.split('\n').filter(line => line !== ''),
    };
  } finally {
    clearInterval(display);
    for (const program of [producer, consumer]) program.kill('SIGKILL');
  }
}

async function told(program: Program, deadline: number): Promise<Told> {
  const [, json = ''] = await program.line(/^RESULT (.*)$/, deadline);
  const { code, signal } = await program.exit;
  if (code !== 0) throw new Error(`ended by ${signal ?? String(code)}\n${program.stderr}`);
  return JSON.parse(json) as Told;
}
