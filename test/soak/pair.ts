import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram, type Program } from '../support/program';

/** The result that one program of the pair prints. */
export interface ProgramResult {
  /** Heap growth after garbage collection, from the first tenth of the messages to the end, in bytes. */
  readonly grown: number;
  readonly seconds: number;
  readonly calls?: number;
  readonly spans?: {
    readonly started: number;
    readonly ended: number;
    /** Consumer spans without exactly one link to their parent. */
    readonly unlinked: number;
    readonly failed: number;
  };
}

/** The results of producer and consumer, and their records of each message. */
export interface Pair {
  readonly producer: ProgramResult;
  readonly consumer: ProgramResult;
  /** Number of deliveries, by message number. */
  readonly times: Uint8Array;
  /** Ids of the span that sent each message, and of the parent of the span that processed it: 24 bytes per message. */
  readonly sentIn: Buffer;
  readonly handledFrom: Buffer;
  readonly stderrLines: readonly string[];
}

export interface PairOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly count: number;
  readonly isBare: boolean;
  /** Folder for the programs' files. */
  readonly folder: string;
  /** Called repeatedly with the number of processed messages. */
  readonly progress: (handled: number) => void;
}

/** Maximum time for the consumer to join its group. */
const JOIN_MS = 60_000;
/** Far more than a slow machine needs per message. */
const MS_PER_MESSAGE = 5;

/** Runs a producer process and a consumer process until they exit. */
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
