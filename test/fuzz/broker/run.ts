import { SingleBar } from 'cli-progress';
import { startKafka } from '../../support/kafka';
import { caughtAt, search, type Campaign } from '../run/campaign';
import { Tally, markdown } from '../run/tally';
import { BROKER_MUTANTS } from './mutants';
import { sending } from './programs';
import { BrokerWorld } from './world';

/** Programs within which every planted fault must show. */
const MUTANT_CASES = 200;

/** Compares what a real Kafka holds after the same programs, bare and instrumented; tells whether it is the same. */
export async function runOnBroker(
  given: Pick<Campaign, 'cases' | 'seed' | 'path'>,
  say: (line: string) => void,
): Promise<{ readonly isFine: boolean; readonly figures: string }> {
  const { cases, seed, path } = given;
  const kafka = await startKafka();
  const world = new BrokerWorld(kafka.brokers);
  const programs = sending(kafka.brokers);
  const tally = new Tally();
  const bar = new SingleBar({ format: '{bar} {value}/{total} programs, {eta_formatted} left' });
  try {
    await world.open();
    if (path === undefined) bar.start(cases, 0);
    const failures = await search(world, tally, {
      ...given,
      programs,
      kind: 'broker',
      progress: done => {
        bar.update(done);
      },
    });
    bar.stop();
    const { records, unsteady } = world;
    for (const { program, found, command } of failures)
      say(`\nNOT THE SAME ON THE BROKER\n${program}\n${found}\nagain: ${command}`);
    say(`\n${await tally.kinds()}\n`);
    say(
      `on the broker: ${tally.total} programs, ${records} records, ${failures.length} differences, ${unsteady} not steady by themselves, seed ${seed}`,
    );
    const caught: [string, number | undefined][] = [];
    for (const mutant of path === undefined ? BROKER_MUTANTS : []) {
      const at = await caughtAt(world, programs, mutant, MUTANT_CASES, seed);
      caught.push([mutant.name, at]);
      say(
        at === undefined
          ? `NOT CAUGHT: ${mutant.name}`
          : `caught on the broker by program ${at}: ${mutant.name}`,
      );
    }
    const isFine = failures.length === 0 && caught.every(([, at]) => at !== undefined);
    return { isFine, figures: await figures(tally, records, seed, caught) };
  } finally {
    bar.stop();
    await world.close();
    await kafka.stop();
  }
}

async function figures(
  tally: Tally,
  records: number,
  seed: number,
  caught: readonly (readonly [string, number | undefined])[],
): Promise<string> {
  return `${tally.total} more programs sent to a real Kafka, bare to one topic and instrumented to another (seed ${seed}). The ${records}
records that a bare consumer then read from each were the same: keys, values, times, headers with their order but for the trace headers.

${await tally.kinds()}

${await markdown(
  ['planted fault', 'shown by program'],
  caught.map(([name, at]) => [name, String(at ?? 'none')]),
)}`;
}
