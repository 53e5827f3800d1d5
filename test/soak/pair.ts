import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram, type Program } from '../support/program';

/** What a program prints at its end. A pair consists of a producer and a consumer program. */
export interface ProgramResult {
  /** Heap growth between the first tenth of the messages and the end, in bytes after garbage collection. */
  readonly grown: number;
  readonly seconds: number;
  readonly calls?: number;
  readonly spans?: {
    readonly started: number;
    readonly ended: number;
    /** Number of consumer spans that do not have exactly one link to their parent. */
    readonly unlinked: number;
    readonly failed: number;
  };
}

/** The results of the producer and the consumer, and what they recorded for each message. */
export interface Pair {
  readonly producer: ProgramResult;
  readonly consumer: ProgramResult;
  /** Number of deliveries of each message. The index is the number of the message. */
  readonly times: Uint8Array;
  /**
   * Trace id and span id for each message (24 bytes). `sentIn` has the span that sent the message. `handledFrom` has
   * the parent of the span that processed it.
   */
  readonly sentIn: Buffer;
  readonly handledFrom: Buffer;
  readonly stderrLines: readonly string[];
}

export interface PairOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly count: number;
  readonly isBare: boolean;
  /** Folder for the files of the programs. */
  readonly folder: string;
  /** Called repeatedly with the number of processed messages. */
  readonly progress: (handled: number) => void;
}

/** Maximum time until the consumer has joined its group. */
const JOIN_MS = 60_000;
/** Maximum time per message, with a large reserve for slow machines. */
const MS_PER_MESSAGE = 5;

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
    const [sent, handled] = await Promise.all([resultOf(producer, deadline), resultOf(consumer, deadline)]);
    progress(count);
    const recordedIds = (role: string) => (isBare ? Buffer.alloc(0) : readFileSync(file(role)));
    return {
      producer: sent,
      consumer: handled,
      times: readFileSync(file('times')),
      sentIn: recordedIds('producer'),
      handledFrom: recordedIds('consumer'),
      stderrLines: `${producer.stderr}${consumer.stderr}`.split('\n').filter(line => line !== ''),
    };
  } finally {
    clearInterval(display);
    for (const program of [producer, consumer]) program.kill('SIGKILL');
  }
}

async function resultOf(program: Program, deadline: number): Promise<ProgramResult> {
  const [, json = ''] = await program.line(/^RESULT (.*)$/, deadline);
  const { code, signal } = await program.exit;
  if (code !== 0) throw new Error(`A program exited with ${signal ?? String(code)}\n${program.stderr}`);
  return JSON.parse(json) as ProgramResult;
}
