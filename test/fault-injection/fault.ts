import type { BrokerFaults } from '../support/kafka/java';
import type { Program } from '../support/program';

/** The Kafka cluster of a fault. */
export interface Cluster {
  readonly brokers: readonly string[];
  /** Only for brokers that run as local child processes. */
  readonly faults?: BrokerFaults | undefined;
}

/** A program that runs bare and instrumented. */
export interface Scenario {
  /** Row name in the table. */
  readonly name: string;
  /** File below `fixtures/fault-injection/`, without extension. */
  readonly program: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Environment of the instrumented program: where it exports telemetry. */
  readonly telemetry?: Readonly<Record<string, string>>;
  /** Every stderr line of the instrumented program must match. Default: no lines. */
  readonly warnings?: RegExp;
  /** Time from the start to `done`, in milliseconds. Default: 60 s. */
  readonly deadline?: number;
}

/** A fault that happens to bare and instrumented programs at the same time. */
export interface Fault {
  readonly scenarios: readonly Scenario[];
  /** Number of its own brokers. Default: uses the shared Kafka. */
  readonly brokers?: 1 | 2;
  /** Causes the fault, synchronised with the programs by their output and input lines. */
  readonly inject?: (programs: readonly Program[], cluster: Cluster) => Promise<void>;
  /** True if the number of deliveries varies by chance, so that the fault needs several runs. */
  readonly isNondeterministic?: boolean;
}

/** Waits until all programs have written a matching line. */
export async function waitForLines(
  programs: readonly Program[],
  line: RegExp,
  deadline = 60_000,
): Promise<void> {
  await Promise.all(programs.map(program => program.line(line, deadline)));
}

export function sendToAll(programs: readonly Program[], line: string): void {
  for (const program of programs) program.send(line);
}
