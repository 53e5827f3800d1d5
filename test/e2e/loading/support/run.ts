import { startCollector } from '../../../support/collector';
import { join } from 'node:path';
import { otlpEnvironment, projectRoot, startProgram, type ProgramOptions } from '../../../support/program';
import { brokerEnvironment } from './topics';
import { whole, type WholeSpan } from './whole';

/** A program that runs longer is killed, which fails the test. */
const DEADLINE_MS = 60_000;

export interface RunOptions extends ProgramOptions {
  /** A line for stdin. It is sent when the program reports that it is waiting. */
  readonly job?: string;
}

export interface Ran {
  /** The values that the program printed on lines that start with `RESULT `. */
  readonly results: readonly unknown[];
  /** All exported spans. */
  readonly spans: readonly WholeSpan[];
  /** Lines on stderr that come from the logger of the instrumentation or of `register`. */
  readonly logged: readonly string[];
  readonly stderr: string;
}

/**
 * Runs a program until it exits, with its own collector. The program flushes before its exit, so the received spans are
 * complete, and additional or missing spans are noticed.
 */
export async function run({ job, ...options }: RunOptions): Promise<Ran> {
  const collector = await startCollector();
  try {
    const program = startProgram({
      ...options,
      // Load only the instrumentation of kafkajs. The others would need most of the CPU time of a start.
      execArgv: ['--require', join(projectRoot, 'fixtures/kafkajs-alone.cjs'), ...(options.execArgv ?? [])],
      env: { ...otlpEnvironment(collector), ...brokerEnvironment, ...options.env },
    });
    if (job !== undefined) {
      await program.line('waiting');
      program.send(job);
    }
    const deadline = setTimeout(() => {
      program.kill('SIGKILL');
    }, DEADLINE_MS);
    const { code, signal } = await program.exit;
    clearTimeout(deadline);
    const { stdout, stderr } = program;
    if (code !== 0) throw new Error(`ended by ${signal ?? String(code)}\n${stdout}\n${stderr}`);
    return {
      results: stdout
        .split('\n')
        .filter(line => line.startsWith('RESULT '))
        .map(line => JSON.parse(line.slice('RESULT '.length)) as unknown),
      spans: whole(collector.spans),
      logged: stderr.split('\n').filter(line => /^(@org\/)?kafka-otel/.test(line)),
      stderr,
    };
  } finally {
    await collector.close();
  }
}
