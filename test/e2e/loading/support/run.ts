import { startCollector } from '../../../support/collector';
import { join } from 'node:path';
import { otlpEnvironment, projectRoot, startProgram, type ProgramOptions } from '../../../support/program';
import { brokerEnvironment } from './topics';
import { whole, type WholeSpan } from './whole';

/** A program that takes longer hangs, and is killed, which fails the test. */
const DEADLINE_MS = 60_000;

export interface RunOptions extends ProgramOptions {
  /** A line for the program's stdin, once it has said that it is waiting. */
  readonly job?: string;
}

export interface Ran {
  /** What the program reported, one value per line that starts with `RESULT `. */
  readonly results: readonly unknown[];
  /** All that it exported. */
  readonly spans: readonly WholeSpan[];
  /** The lines on stderr that the instrumentation's logger wrote. */
  readonly logged: readonly string[];
  readonly stderr: string;
}

/**
 * Runs a program to its end against a collector of its own. It flushes before it exits, so that what was received by then
 * is all there is: a span too many shows as well as one that is missing.
 */
export async function run({ job, ...options }: RunOptions): Promise<Ran> {
  const collector = await startCollector();
  try {
    const program = startProgram({
      ...options,
      // Half of the CPU time of a start would go into what these programs do not use.
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
      logged: stderr.split('\n').filter(line => line.startsWith('@org/kafka-otel')),
      stderr,
    };
  } finally {
    await collector.close();
  }
}
