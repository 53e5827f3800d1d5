import { withTopics, type Cluster, type Topics } from './broker';
import { differencesOf, refusalOf } from './differences';
import { SAID } from './expected';
import { install, type Packed } from './install';
import { faultsOfSaid, faultsOfTelemetry } from './judge';
import { runProgram, type Run } from './run';
import type { Versions } from './versions';
import { BARE, WAYS, type Way } from './ways';

/** What a row has come to. */
export interface Result {
  /** Whether kafkajs and the broker do not understand each other at all, so that only the bare program was run. */
  readonly isRefused: boolean;
  /** What these versions do otherwise by themselves. */
  readonly notes: readonly string[];
  /** What was wrong, by way of starting the program; the bare one is among them. */
  readonly faults: Readonly<Record<string, readonly string[]>>;
}

/** A program that is refused tries on and on. */
const PATIENCE_WITH_REFUSED_MS = 20_000;

/** Runs the program in all ways, side by side, since they mostly wait for Kafka; then says what is wrong. */
export async function check(versions: Versions, packed: Packed, brokers: readonly string[]): Promise<Result> {
  const application = await install(packed, versions);
  const run = (
    way: Way,
    judge: (run: Run, topics: Topics, cluster: Cluster) => string[],
    patience?: number,
  ) =>
    untilJoined(versions, () =>
      withTopics(brokers, async (topics, cluster) => {
        const ended = await runProgram(application, way, topics, brokers, patience);
        return [ended, [way.name, judge(ended, topics, cluster)] as const] as const;
      }),
    );

  const refusal = refusalOf(versions);
  if (refusal) {
    const faults = [await run(BARE, faultsOfRefused, PATIENCE_WITH_REFUSED_MS)];
    return { isRefused: true, notes: [refusal.why], faults: Object.fromEntries(faults) };
  }
  const differences = differencesOf(versions);
  const faults = await Promise.all([
    run(BARE, ended => faultsOfSaid(ended, differences)),
    ...WAYS.map(way =>
      run(way, (ended, topics, cluster) => [
        ...faultsOfSaid(ended, differences),
        ...(ended.failure === undefined ? faultsOfTelemetry(ended, differences, cluster, topics) : []),
      ]),
    ),
  ]);
  return { isRefused: false, notes: differences.map(({ why }) => why), faults: Object.fromEntries(faults) };
}

const JOINS = 3;

/**
 * kafkajs 1.x now and then fails to join its group, without us too: of 48 runs of the bare program with 1.16.0 on Kafka 2.8.2, two ended
 * like that. Such a run says nothing of us, and is repeated.
 */
async function untilJoined<Verdict>(
  { kafkajs }: Versions,
  run: () => Promise<readonly [Run, Verdict]>,
): Promise<Verdict> {
  for (let attempt = 1; ; attempt++) {
    const [{ said }, verdict] = await run();
    const isUnknown = Object.values(said).some(
      step => (step as { type?: unknown } | undefined)?.type === 'UNKNOWN_MEMBER_ID',
    );
    if (!isUnknown || !kafkajs.startsWith('1.') || attempt === JOINS) return verdict;
  }
}

/** Should a refused one work after all, the table would be wrong. */
const faultsOfRefused = ({ said }: Run): string[] =>
  JSON.stringify(said['one']) === JSON.stringify(SAID.one) ? ['it is not refused'] : [];
