import { withTopics, type Cluster, type Topics } from './broker';
import { differencesOf, refusalOf } from './differences';
import { EXPECTED_OUTPUT } from './expected';
import { install, type Packed } from './install';
import { outputFaults, telemetryFaults } from './judge';
import { runProgram, type Run } from './run';
import type { Versions } from './versions';
import { BARE, SETUPS, type Setup } from './setups';

/** The result of a row. */
export interface Result {
  /** True if kafkajs and the broker are incompatible, so that only the bare program was run. */
  readonly isRefused: boolean;
  /** What these versions do differently, without the instrumentation too. */
  readonly notes: readonly string[];
  /** Faults by setup, `bare` included. */
  readonly faults: Readonly<Record<string, readonly string[]>>;
}

/** A program with an incompatible broker retries without end. */
const REFUSED_TIMEOUT_MS = 20_000;

/** Runs the program with all setups at the same time (they mostly wait for Kafka) and collects the faults. */
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

  const refusal = refusalOf(versions);
  if (refusal) {
    const faults = [await run(BARE, faultsOfRefused, REFUSED_TIMEOUT_MS)];
    return { isRefused: true, notes: [refusal.why], faults: Object.fromEntries(faults) };
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
  return { isRefused: false, notes: differences.map(({ why }) => why), faults: Object.fromEntries(faults) };
}

const MAX_ATTEMPTS = 3;

/**
 * Repeats a run in which kafkajs 1.x failed to join its group. This happens without the instrumentation too: in 2 of 48 bare runs with
 * kafkajs 1.16.0 on Kafka 2.8.2.
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

/** Fails if a pair listed as incompatible works. */
const faultsOfRefused = ({ output }: Run): string[] =>
  JSON.stringify(output['one']) === JSON.stringify(EXPECTED_OUTPUT.one)
    ? ['it works, but is listed in REFUSALS']
    : [];
