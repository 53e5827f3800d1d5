// `npm run test:fuzz`: runs generated programs on bare and on instrumented kafkajs, and compares everything that a program could
// notice. "Bare" means without instrumentation.
import { SingleBar } from 'cli-progress';
import { parseArgs } from 'node:util';
import { provenance, writeFigures } from '../../scripts/figures';
import { runOnBroker } from './broker/run';
import { CONTROL, MUTANTS } from './mutants';
import { programs } from './programs/all';
import { caughtAt, search } from './run/campaign';
import { OutcomeCounts, markdown } from './run/outcome-counts';
import { CapturedComparer } from './run/comparer';

/** The test must detect every mutant (an instrumentation with an added fault) within this many programs. */
const MUTANT_CASES = 1000;

/** Number of programs that run with a mutant that has no fault. The test must not report a difference. */
const CONTROL_CASES = 200;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: '20000' },
      'broker-cases': { type: 'string', default: '1000' },
      seed: { type: 'string' },
      path: { type: 'string' },
      kind: { type: 'string' },
      'no-mutants': { type: 'boolean', default: false },
      'no-figures': { type: 'boolean', default: false },
    },
  });
  const cases = Number(values.cases);
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  const comparer = new CapturedComparer();
  const counts = new OutcomeCounts();
  const onBroker = { cases: Number(values['broker-cases']), seed, path: values.path };
  if (values.kind === 'broker') {
    comparer.close();
    const { passed } = await runOnBroker(onBroker, print);
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
    programs: programs(values.kind),
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
    for (const mutant of MUTANTS) {
      const at = await caughtAt(comparer, programs(), mutant, MUTANT_CASES, seed);
      caught.push([mutant.name, at]);
      print(at === undefined ? `NOT CAUGHT: ${mutant.name}` : `caught by program ${at}: ${mutant.name}`);
    }
    const falselyCaughtAt = await caughtAt(comparer, programs(), CONTROL, CONTROL_CASES, seed);
    if (falselyCaughtAt !== undefined) {
      print(`CAUGHT WITHOUT A FAULT: program ${falselyCaughtAt}`);
      process.exitCode = 1;
    }
    print(`${caught.filter(([, at]) => at !== undefined).length} of ${MUTANTS.length} mutants caught`);
  }
  const isWhole = values.path === undefined && values.kind === undefined;
  comparer.close();
  const broker = isWhole && onBroker.cases > 0 ? await runOnBroker(onBroker, print) : undefined;
  if (broker?.passed === false) process.exitCode = 1;
  if (broker?.passed && caught.length > 0 && !values['no-figures'] && failures.length === 0) {
    const all = `${await figures(counts, seed, caught)}\n\n${broker.figures}`;
    print(`figures in ${writeFigures('reliability', 'fuzz', all)}`);
  }
  if (failures.length > 0 || caught.some(([, at]) => at === undefined)) process.exitCode = 1;
}

async function figures(
  counts: OutcomeCounts,
  seed: number,
  caught: readonly (readonly [string, number | undefined])[],
): Promise<string> {
  const mutants = await markdown(
    ['added fault', 'found by program number'],
    caught.map(([name, at]) => [name, String(at ?? 'none')]),
  );
  return `Each of ${counts.total} generated programs ran on kafkajs without instrumentation (*bare*) and on instrumented kafkajs. There was no
difference (seed ${seed}). The test compares:

- results and errors, and whether they are the same objects
- whether a call answers synchronously
- the order of handler calls and commits
- the bytes sent to the broker
- unhandled rejections
- the program's own objects after the run

Each column of the tables counts the programs with at least one such call. Measured on ${provenance()}.

${await counts.kinds()}

${await counts.classes()}

To test the test itself, each of these faults was added to the instrumentation. The test found every fault; the second column is the
number of the program that showed the difference.

${mutants}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main().then(() => {
  // Exit explicitly: kafkajs may restart a consumer forever, which keeps the process alive.
  process.exit();
});
