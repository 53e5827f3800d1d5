import type { BrokerFaults } from '../support/kafka/java';
import type { Program } from '../support/program';

/** The Kafka that a fault happens to. */
export interface Cluster {
  readonly brokers: readonly string[];
  /** Only of brokers that are processes of ours. */
  readonly faults?: BrokerFaults | undefined;
}

/** What a program is given, bare or instrumented. */
export interface Scenario {
  /** A sentence's subject, as it stands in the table. */
  readonly name: string;
  /** Below `fixtures/outages/`, without extension. */
  readonly program: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Of the instrumented program alone: where its telemetry goes. */
  readonly telemetry?: Readonly<Record<string, string>>;
  /** What the instrumented program may write to stderr; default nothing. Each line must match. */
  readonly warnings?: RegExp;
  /** From the start to the last word, in milliseconds; default 60 s. */
  readonly deadline?: number;
}

/** Something that befalls programs while they run, be they bare or instrumented: all at once. */
export interface Fault {
  readonly scenarios: readonly Scenario[];
  /** How many brokers of its own it needs; without, any Kafka will do. */
  readonly brokers?: 1 | 2;
  /** Makes it happen. It waits for lines of the programs, and tells them words. */
  readonly strike?: (programs: readonly Program[], cluster: Cluster) => Promise<void>;
  /** Whether chance decides how often a message is delivered: then one run says little. */
  readonly isChancy?: boolean;
}

/** Waits until all of the programs have written that line. */
export async function allSay(programs: readonly Program[], line: RegExp, deadline = 60_000): Promise<void> {
  await Promise.all(programs.map(program => program.line(line, deadline)));
}

export function tellAll(programs: readonly Program[], word: string): void {
  for (const program of programs) program.send(word);
}
