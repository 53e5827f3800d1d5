import type { Cluster, Fault } from '../../fault-injection/fault';
import { sideBySide } from '../../fault-injection/side-by-side';
import { violations } from '../../fault-injection/verdict';

/** The Kafka that all tests of this run share. */
export const commonCluster = (): Cluster => ({ brokers: (process.env['KAFKA_BROKERS'] ?? '').split(',') });

// Longer than the deadlines of two runs.
jest.setTimeout(300_000);

/**
 * Runs a fault once, bare and instrumented. Returns the violations by scenario. On a busy machine, the bare program
 * sometimes fails. The comparison is then not valid, so everything runs once more.
 */
export async function violationsOf(
  fault: Fault,
  cluster = commonCluster(),
  knownMost?: number,
): Promise<Record<string, string[]>> {
  const first = await sideBySide(fault, cluster);
  const isComparable = first.every(({ bare }) => bare.failure === undefined);
  const pairs = isComparable ? first : await sideBySide(fault, cluster);
  return Object.fromEntries(
    pairs.map(({ scenario, bare, instrumented }) => [
      scenario.name,
      violations({
        bare: [bare],
        instrumented: [instrumented],
        warnings: scenario.warnings,
        knownMost: fault.isNondeterministic ? knownMost : undefined,
      }),
    ]),
  );
}

/** No violations in any scenario. */
export const noViolations = ({ scenarios }: Fault): Record<string, string[]> =>
  Object.fromEntries(scenarios.map(({ name }) => [name, []]));
