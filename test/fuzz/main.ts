// Runs generated programs with a bare and with an instrumented client library. Compares everything that a program can
// observe.
import { SingleBar } from 'cli-progress';
import { parseArgs } from 'node:util';
import { provenance, writeFigures } from '../../scripts/figures';
import { runOnBroker, type BrokerRun } from './broker/run';
import { confluentLab } from '../support/confluent';
import { confluent } from './confluent/client';
import { kafkajs } from './kafkajs';
import { caughtAt, search } from './run/campaign';
import type { FuzzedClient, KafkaModule } from './run/client';
import { OutcomeCounts, markdown } from './run/outcome-counts';

/**
 * A mutant is an instrumentation with a fault that was added on purpose. The test must detect every mutant within this
 * many programs.
 */
const MUTANT_CASES = 1000;

/** Number of programs that run with a mutant without a fault. The test must report no difference for them. */
const CONTROL_CASES = 200;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      client: { type: 'string', default: 'kafkajs' },
      cases: { type: 'string', default: '20000' },
      'broker-cases': { type: 'string', default: '1000' },
      seed: { type: 'string' },
      path: { type: 'string' },
      kind: { type: 'string' },
      'no-mutants': { type: 'boolean', default: false },
      'no-figures': { type: 'boolean', default: false },
    },
  });
  if (values.client === 'kafkajs') await fuzz(kafkajs, values);
  else if (values.client === 'confluent') await fuzz(confluent(await confluentLab()), values);
  else throw new Error(`Unknown --client ${values.client}; expected kafkajs or confluent`);
}

interface Options {
  readonly cases: string;
  readonly 'broker-cases': string;
  readonly seed?: string | undefined;
  readonly path?: string | undefined;
  readonly kind?: string | undefined;
  readonly 'no-mutants': boolean;
  readonly 'no-figures': boolean;
}

async function fuzz<Loaded extends KafkaModule>(
  client: FuzzedClient<Loaded>,
  values: Options,
): Promise<void> {
  const cases = Number(values.cases);
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  const comparer = client.captured();
  const counts = new OutcomeCounts();
  const onBroker = { cases: Number(values['broker-cases']), seed, path: values.path };
  if (values.kind === 'broker') {
    comparer.close();
    const { passed } = await runOnBroker(client, onBroker, print);
    if (!passed) process.exitCode = 1;
    return;
  }
  print(`seed ${seed}, ${cases} programs`);
  const bar = new SingleBar({
    format: '{bar} {value}/{total} programs, {eta_formatted} left',
    noTTYOutput: false,
  });
  if (values.path === undefined) bar.start(cases, 0);
  const failures = await search(comparer, counts, {
    programs: client.programs(values.kind),
    command: client.command,
    cases,
    seed,
    kind: values.kind,
    path: values.path,
    progress: done => {
      if (done % 50 === 0) bar.update(done);
    },
  });
  bar.stop();
  for (const { program, found, command } of failures)
    print(`\nDIFFERENCE\n${program}\n${found}\nto reproduce: ${command}`);
  print(`\n${await counts.kinds()}\n\n${await counts.classes()}`);
  print(
    `\n${counts.total} programs, ${failures.length} differences, ${comparer.nondeterministic} nondeterministic without the instrumentation, seed ${seed}`,
  );

  const caught: [string, number | undefined][] = [];
  if (!values['no-mutants'] && values.path === undefined) {
    for (const mutant of client.mutants) {
      const at = await caughtAt(comparer, client.programs(), mutant, MUTANT_CASES, seed);
      caught.push([mutant.name, at]);
      print(at === undefined ? `NOT CAUGHT: ${mutant.name}` : `caught by program ${at}: ${mutant.name}`);
    }
    const falselyCaughtAt = await caughtAt(comparer, client.programs(), client.control, CONTROL_CASES, seed);
    if (falselyCaughtAt !== undefined) {
      print(`CAUGHT WITHOUT A FAULT: program ${falselyCaughtAt}`);
      process.exitCode = 1;
    }
    print(`${caught.filter(([, at]) => at !== undefined).length} of ${client.mutants.length} mutants caught`);
  }
  const isWhole = values.path === undefined && values.kind === undefined;
  comparer.close();
  const broker = isWhole && onBroker.cases > 0 ? await runOnBroker(client, onBroker, print) : undefined;
  if (broker?.passed === false) process.exitCode = 1;
  if (broker?.passed && caught.length > 0 && !values['no-figures'] && failures.length === 0) {
    const all = client.isSummarized
      ? await summary(client, { counts, seed, caught, broker })
      : `${await figures(client, counts, seed, caught)}\n\n${broker.figures}`;
    print(`figures in ${writeFigures('test/README.md', client.section, all)}`);
  }
  if (failures.length > 0 || caught.some(([, at]) => at === undefined)) process.exitCode = 1;
}

async function figures<Loaded extends KafkaModule>(
  client: FuzzedClient<Loaded>,
  counts: OutcomeCounts,
  seed: number,
  caught: readonly (readonly [string, number | undefined])[],
): Promise<string> {
  const mutants = await markdown(
    ['added fault', 'found by program number'],
    caught.map(([name, at]) => [name, String(at ?? 'none')]),
  );
  return `${counts.total} generated programs ran on bare and on instrumented ${client.name} without a difference (seed ${seed}). Compared were:
${client.compared}. ${provenance()}.

${await counts.kinds()}

${await counts.classes()}

To test the test itself, each of these faults was added to the instrumentation. The test found every fault; the second column is the
number of the program that showed the difference.

${mutants}`;
}

async function summary<Loaded extends KafkaModule>(
  client: FuzzedClient<Loaded>,
  run: {
    readonly counts: OutcomeCounts;
    readonly seed: number;
    readonly caught: readonly unknown[];
    readonly broker: BrokerRun;
  },
): Promise<string> {
  const { counts, seed, caught, broker } = run;
  const row = [counts.total, broker.programs, broker.records, 0, caught.length].map(String);
  return `Generated programs ran on bare and on instrumented ${client.name} without a difference (seed ${seed}). Compared were:
${client.compared}. ${provenance()}.

${await markdown(
  [
    'client',
    'programs without a broker',
    'on a real Kafka',
    'identical records',
    'differences',
    'planted faults caught',
  ],
  [[client.name, ...row]],
)}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main().then(() => {
  // Exit explicitly. kafkajs may restart a consumer forever, which keeps the process alive.
  process.exit();
});
