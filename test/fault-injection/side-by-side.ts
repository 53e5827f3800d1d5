import { randomBytes } from 'node:crypto';
import { startProgram, type Program } from '../support/program';
import type { Cluster, Fault, Scenario } from './fault';
import { follow, type Run } from './run';

/** The bare and the instrumented run of a program. */
export interface Pair {
  readonly scenario: Scenario;
  readonly bare: Run;
  readonly instrumented: Run;
}

const PRELOAD = ['--require', './fixtures/fault-injection/instrumented.cjs'];
const DEADLINE = 60_000;

/** Runs the program of each scenario bare and instrumented, all at the same time. Then causes the fault. */
export async function sideBySide({ scenarios, inject }: Fault, cluster: Cluster): Promise<Pair[]> {
  const { brokers } = cluster;
  const pairs = scenarios.map(scenario => ({
    scenario,
    bare: start(scenario, brokers, []),
    instrumented: start(scenario, brokers, PRELOAD, scenario.telemetry),
  }));
  const programs = pairs.flatMap(({ bare, instrumented }) => [bare, instrumented]);
  const ends = pairs.map(async ({ scenario, ...pair }) => {
    const [bare, instrumented] = await Promise.all(
      [pair.bare, pair.instrumented].map(program => follow(program, scenario.deadline ?? DEADLINE)),
    );
    if (!bare || !instrumented) throw new Error('unreachable: Promise.all returned fewer than two runs');
    return { scenario, bare, instrumented };
  });
  let failed: string | undefined;
  const injected = inject?.(programs, cluster).catch((error: unknown) => {
    failed = String(error);
    for (const program of programs) program.kill('SIGKILL');
  });
  const ended = await Promise.all(ends);
  await injected;
  if (failed === undefined) return ended;
  const failure = `the fault could not be injected: ${failed}`;
  return ended.map(({ scenario, bare, instrumented }) => ({
    scenario,
    bare: { ...bare, failure },
    instrumented: { ...instrumented, failure },
  }));
}

function start(
  { program, env = {} }: Scenario,
  brokers: readonly string[],
  execArgv: readonly string[],
  telemetry: Readonly<Record<string, string>> = {},
): Program {
  return startProgram({
    file: `fixtures/fault-injection/${program}.cjs`,
    execArgv: ['--expose-gc', ...execArgv],
    env: {
      KAFKA_BROKERS: brokers.join(','),
      RUN: randomBytes(5).toString('hex'),
      // Hide warnings about negative timeouts, which kafkajs causes on newer Node.js versions.
      NODE_NO_WARNINGS: '1',
      ...env,
      ...telemetry,
    },
  });
}
