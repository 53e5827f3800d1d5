import type { BrokerFaults } from '../support/kafka/java';
import type { Program } from '../support/program';

export interface Cluster {
  readonly brokers: readonly string[];
  /** Stops and restarts brokers. Undefined if the brokers are no processes on this machine. */
  readonly faults?: BrokerFaults | undefined;
}

/** A program that runs bare (without instrumentation) and instrumented at the same time. */
export interface Scenario {
  /** Name in the table. */
  readonly name: string;
  /** File in `fixtures/fault-injection/`, without its extension. */
  readonly program: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Environment variables of the instrumented program, for example the address of its collector. */
  readonly telemetry?: Readonly<Record<string, string>>;
  /** Every stderr line of the instrumented program must match. By default, stderr must be empty. */
  readonly warnings?: RegExp;
  /** Maximum time until the program prints `done`, in milliseconds. Default: 60 s. */
  readonly deadline?: number;
}

/** A fault, for example the crash of a broker. It affects the bare and the instrumented programs at the same time. */
export interface Fault {
  readonly scenarios: readonly Scenario[];
  /** Number of brokers to start for this fault. Default: use the brokers that all faults share. */
  readonly brokers?: 1 | 2;
  /** Causes the fault. Waits for output lines of the programs, and sends input lines to let them continue. */
  readonly inject?: (programs: readonly Program[], cluster: Cluster) => Promise<void>;
  /** True if the number of deliveries depends on chance. The fault is then caused several times. */
  readonly isNondeterministic?: boolean;
}

/** Waits until every program has written a line that matches. */
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
