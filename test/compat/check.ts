import { describe, withTopics } from './broker';
import { differencesOf, type Difference } from './differences';
import { install, type Packed } from './install';
import { faultsOfSaid, faultsOfTelemetry } from './judge';
import { runProgram, type Run } from './run';
import type { Versions } from './versions';
import { BARE, WAYS, type Way } from './ways';

/** What a row has come to. */
export interface Result {
  readonly differences: readonly Difference[];
  /** What was wrong, by way of starting the program; bare kafkajs among them. */
  readonly faults: Readonly<Record<string, readonly string[]>>;
}

/**
 * Runs the program in all ways, side by side, since they mostly wait for Kafka.
 *
 * @param kafka - the broker's version, where it is known
 */
export async function check(
  versions: Versions,
  packed: Packed,
  brokers: readonly string[],
  ways: readonly Way[] = WAYS,
): Promise<Result> {
  const differences = differencesOf(versions);
  const application = await install(packed, versions);
  const broker = await describe(brokers);
  const run = (
    way: Way,
    faults: (run: Run, topics: Parameters<Parameters<typeof withTopics>[1]>[0]) => string[],
  ) =>
    withTopics(brokers, async topics => {
      const ended = await runProgram(application, way, topics, brokers);
      return [way.name, faults(ended, topics)] as const;
    });
  const faults = await Promise.all([
    run(BARE, ended => faultsOfSaid(ended, differences)),
    ...ways.map(way =>
      run(way, (ended, topics) => {
        const said = faultsOfSaid(ended, differences);
        return ended.failure === undefined
          ? [...said, ...faultsOfTelemetry(ended, differences, broker, topics)]
          : said;
      }),
    ),
  ]);
  return { differences, faults: Object.fromEntries(faults) };
}
