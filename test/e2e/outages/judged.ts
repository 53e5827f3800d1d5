import type { Cluster, Fault } from '../../outages/fault';
import { sideBySide } from '../../outages/side-by-side';
import { violations } from '../../outages/verdict';

/** The Kafka of this run, which others use too. */
export const commonCluster = (): Cluster => ({ brokers: (process.env['KAFKA_BROKERS'] ?? '').split(',') });

/** Runs a fault once; what it shows that must not be, by scenario. */
export async function judged(
  fault: Fault,
  cluster = commonCluster(),
  knownMost?: number,
): Promise<Record<string, string[]>> {
  const pairs = await sideBySide(fault, cluster);
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

/** Nothing to object to, in any scenario. */
export const nothing = ({ scenarios }: Fault): Record<string, string[]> =>
  Object.fromEntries(scenarios.map(({ name }) => [name, []]));
