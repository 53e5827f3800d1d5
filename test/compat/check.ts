import { withTopics, type Cluster, type Topics } from './broker';
import { differencesOf, incompatibilityOf } from './differences';
import { EXPECTED_OUTPUT } from './expected';
import { install, type Packed } from './install';
import { outputFaults, telemetryFaults } from './judge';
import { runProgram, type Run } from './run';
import type { Versions } from './versions';
import { BARE, SETUPS, type Setup } from './setups';

/** The result of a row. A row is a combination of versions. */
export interface Result {
  /** True if this kafkajs does not work with this broker. Only the uninstrumented program (`bare`) was run then. */
  readonly isIncompatible: boolean;
  /** Known deviations of these versions. They also occur without instrumentation. */
  readonly notes: readonly string[];
  /** Differences from the expected results, by setup. `bare` is the program without instrumentation. */
  readonly faults: Readonly<Record<string, readonly string[]>>;
}

/** An incompatible kafkajs repeats its requests forever. The program is stopped after this time. */
const INCOMPATIBLE_TIMEOUT_MS = 20_000;

/** Runs the program with every setup at the same time, and compares the results with the expected ones. */
export async function check(versions: Versions, packed: Packed, brokers: readonly string[]): Promise<Result> {
  const application = await install(packed, versions);
  const run = (
    setup: Setup,
    judge: (run: Run, topics: Topics, cluster: Cluster) => string[],
    timeout?: number,
  ) =>
    untilJoined(versions, () =>
      withTopics(brokers, async (topics, cluster) => {
        const ended = await runProgram(application, setup, topics, brokers, timeout);
        return [ended, [setup.name, judge(ended, topics, cluster)] as const] as const;
      }),
    );

  const incompatibility = incompatibilityOf(versions);
  if (incompatibility) {
    const faults = [await run(BARE, faultsOfIncompatible, INCOMPATIBLE_TIMEOUT_MS)];
    return { isIncompatible: true, notes: [incompatibility.why], faults: Object.fromEntries(faults) };
  }
  const differences = differencesOf(versions);
  const faults = await Promise.all([
    run(BARE, ended => outputFaults(ended, differences)),
    ...SETUPS.map(setup =>
      run(setup, (ended, topics, cluster) => [
        ...outputFaults(ended, differences),
        ...(ended.failure === undefined ? telemetryFaults(ended, differences, cluster, topics) : []),
      ]),
    ),
  ]);
  return {
    isIncompatible: false,
    notes: differences.map(({ why }) => why),
    faults: Object.fromEntries(faults),
  };
}

const MAX_ATTEMPTS = 3;

/**
 * Repeats a run if kafkajs 1.x failed to join its group. This happens without instrumentation too: in 2 of 48 runs with kafkajs
 * 1.16.0 on Kafka 2.8.2.
 */
async function untilJoined<Verdict>(
  { kafkajs }: Versions,
  run: () => Promise<readonly [Run, Verdict]>,
): Promise<Verdict> {
  for (let attempt = 1; ; attempt++) {
    const [{ output }, verdict] = await run();
    const isUnknown = Object.values(output).some(
      step => (step as { type?: unknown } | undefined)?.type === 'UNKNOWN_MEMBER_ID',
    );
    if (!isUnknown || !kafkajs.startsWith('1.') || attempt === MAX_ATTEMPTS) return verdict;
  }
}

/** Reports versions that are listed as incompatible but work together. */
const faultsOfIncompatible = ({ output }: Run): string[] =>
  JSON.stringify(output['one']) === JSON.stringify(EXPECTED_OUTPUT.one)
    ? ['these versions work together; remove them from INCOMPATIBILITIES']
    : [];
