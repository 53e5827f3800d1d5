import { SingleBar } from 'cli-progress';
import { startKafka } from '../../support/kafka';
import { caughtAt, search } from '../run/campaign';
import type { FuzzedClient, KafkaModule } from '../run/client';
import { OutcomeCounts, markdown } from '../run/outcome-counts';

/**
 * A mutant is an instrumentation with a fault that was added on purpose. The test must detect every mutant within this
 * many programs.
 */
const MUTANT_CASES = 200;

export interface BrokerRun {
  readonly passed: boolean;
  readonly programs: number;
  readonly records: number;
  readonly figures: string;
}

/** Runs the same programs bare and instrumented, and compares their records on a real Kafka. */
export async function runOnBroker<Loaded extends KafkaModule>(
  client: FuzzedClient<Loaded>,
  given: { readonly cases: number; readonly seed: number; readonly path: string | undefined },
  print: (line: string) => void,
): Promise<BrokerRun> {
  const { cases, seed, path } = given;
  const kafka = await startKafka();
  const comparer = client.onBroker(kafka.brokers);
  const programs = client.brokerPrograms(kafka.brokers);
  const counts = new OutcomeCounts();
  const bar = new SingleBar({ format: '{bar} {value}/{total} programs, {eta_formatted} left' });
  try {
    await comparer.open();
    if (path === undefined) bar.start(cases, 0);
    const failures = await search(comparer, counts, {
      ...given,
      programs,
      kind: 'broker',
      command: client.command,
      progress: done => {
        bar.update(done);
      },
    });
    bar.stop();
    const { records, nondeterministic } = comparer;
    for (const { program, found, command } of failures)
      print(`\nDIFFERENCE ON THE BROKER\n${program}\n${found}\nto reproduce: ${command}`);
    print(`\n${await counts.kinds()}\n`);
    print(
      `on the broker: ${counts.total} programs, ${records} records, ${failures.length} differences, ${nondeterministic} nondeterministic without the instrumentation, seed ${seed}`,
    );
    const caught: [string, number | undefined][] = [];
    for (const mutant of path === undefined ? client.brokerMutants : []) {
      const at = await caughtAt(comparer, programs, mutant, MUTANT_CASES, seed);
      caught.push([mutant.name, at]);
      print(
        at === undefined
          ? `NOT CAUGHT: ${mutant.name}`
          : `caught on the broker by program ${at}: ${mutant.name}`,
      );
    }
    const passed = failures.length === 0 && caught.every(([, at]) => at !== undefined);
    return { passed, programs: counts.total, records, figures: await figures(counts, records, seed, caught) };
  } finally {
    bar.stop();
    await comparer.close();
    await kafka.stop();
  }
}

async function figures(
  counts: OutcomeCounts,
  records: number,
  seed: number,
  caught: readonly (readonly [string, number | undefined])[],
): Promise<string> {
  return `${counts.total} more programs sent messages to a real Kafka: the bare run to one topic, the instrumented run to another (seed ${seed}).
A bare consumer read ${records} records from each topic. Keys, values, timestamps, headers and the order of headers were identical,
except for trace headers.

${await counts.kinds()}

${await markdown(
  ['added fault', 'found by program number'],
  caught.map(([name, at]) => [name, String(at ?? 'none')]),
)}`;
}
