// `npm run test:faults` causes every fault on real brokers, while a bare and an instrumented program run at the same
// time. Takes about 12 minutes.
import { SingleBar } from 'cli-progress';
import { provenance, writeFigures } from '../../scripts/figures';
import { startKafka } from '../support/kafka';
import { startOwnCluster } from './cluster';
import type { Cluster, Fault } from './fault';
import { brokerKilled, leaderKilled, leaderMoved, rebalanceStorm } from './faults/brokers';
import { COLLECTORS, withCollectors } from './faults/collectors';
import { handlers, leftovers, refusals } from './faults/handlers';
import { sideBySide, type Pair } from './side-by-side';
import { cells, type Row } from './table';
import { violations } from './verdict';

/**
 * The number of redeliveries depends on chance. Several runs show the maximum that kafkajs reaches without
 * instrumentation.
 */
const RUNS = 5;
const STORM_MS = 60_000;
const SENDS = 5_000;
/** Many more cycles than the warm-up needs, so that even a leak of a few kilobytes per cycle is noticed. */
const CYCLES = 400;

const aMinute = rebalanceStorm('Consumers join and leave for a minute', async () => {
  await new Promise(resolve => setTimeout(resolve, STORM_MS));
});
const faults: readonly Fault[] = [
  brokerKilled,
  leaderMoved,
  leaderKilled,
  aMinute,
  handlers,
  refusals,
  leftovers(CYCLES),
];

async function main(): Promise<void> {
  const runsOf = ({ isNondeterministic = false }: Fault) => (isNondeterministic ? RUNS : 1);
  const total = faults.reduce(
    (sum, fault) => sum + runsOf(fault) * fault.scenarios.length,
    COLLECTORS.length,
  );
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {what}',
    noTTYOutput: true,
    notTTYSchedule: 30_000,
  });
  bar.start(total, 0, { what: 'starting Kafka' });
  const rows: Row[] = [];
  const run = async (fault: Fault, cluster: Cluster) => {
    const pairs: Pair[] = [];
    for (let index = 0; index < runsOf(fault); index++) {
      bar.update({ what: fault.scenarios[0]?.name });
      pairs.push(...(await sideBySide(fault, cluster)));
      bar.increment(fault.scenarios.length);
    }
    rows.push(...fault.scenarios.map(({ name }) => rowOf(name, pairs)));
  };

  const common = await startKafka({ progress: () => undefined });
  try {
    for (const fault of faults) {
      const own = fault.brokers === undefined ? undefined : await startOwnCluster(fault.brokers);
      try {
        await run(fault, own ?? common);
      } finally {
        await own?.stop();
      }
    }
    await withCollectors(SENDS, fault => run(fault, common));
  } finally {
    bar.stop();
    await common.stop();
  }
  await report(rows);
}

function rowOf(name: string, pairs: readonly Pair[]): Row {
  const own = pairs.filter(({ scenario }) => scenario.name === name);
  const bare = own.map(pair => pair.bare);
  const instrumented = own.map(pair => pair.instrumented);
  const warnings = own[0]?.scenario.warnings;
  return { name, bare, instrumented, violations: violations({ bare, instrumented, warnings }) };
}

async function report(rows: readonly Row[]): Promise<void> {
  const { markdownTable } = await import('markdown-table');
  const table = markdownTable(cells(rows));
  const bad = rows.filter(row => row.violations.length > 0);
  const page = writeFigures(
    'test/README.md',
    'faults',
    `${EXPLANATION}\n\n${table}\n\n${heap(rows)}${provenance()}`,
  );
  console.log(`\n${table}\n\nUpdated ${page}`);
  for (const row of bad) console.log(`${row.name}:\n  ${row.violations.join('\n  ')}`);
  process.exitCode = bad.length === 0 ? 0 : 1;
}

/** Returns a sentence about the heap growth of programs that create and disconnect clients. */
function heap(rows: readonly Row[]): string {
  const perCycle = (runs: Row['bare']) =>
    runs.flatMap(({ figures }) => figures['bytesPerCycle'] ?? []).join(', ');
  return rows
    .filter(({ instrumented }) => perCycle(instrumented) !== '')
    .map(
      row =>
        `${row.name}: the heap grew by ${perCycle(row.bare)} bytes each time when bare, and by ${perCycle(row.instrumented)} bytes when instrumented.\n\n`,
    )
    .join('');
}

const EXPLANATION = `Two processes run the same program on the same brokers, and the fault affects both at the same time. One process is bare:
it runs without instrumentation. The other one is instrumented, with all spans sampled and with metrics. *As bare* means:

- Every acknowledged message was consumed.
- The highest number of deliveries of one message, over all groups and runs, is not higher than in the bare program.
- Every outcome of a call also occurred in the bare program. An outcome is success, or an error with a certain class and cause.
- Every started span has ended, except for handlers that never settle.
- No listener stayed on \`process\`, and no client stayed in memory after its \`disconnect()\`.
- stderr contains only lines that the fault explains.
- The process exited by itself.`;

void main();
