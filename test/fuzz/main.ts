// Runs generated programs on bare and on instrumented kafkajs and compares all that can be told of them from outside.
import { SingleBar } from 'cli-progress';
import { parseArgs } from 'node:util';
import { provenance, writeFigures } from '../../scripts/figures';
import { runOnBroker } from './broker/run';
import { CONTROL, MUTANTS } from './mutants';
import { programs } from './programs/all';
import { caughtAt, search } from './run/campaign';
import { Tally, markdown } from './run/tally';
import { World } from './run/world';

/** Programs within which every planted fault must show. */
const MUTANT_CASES = 1000;

/** Programs in which the same planting without a fault must not show. */
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
  const world = new World();
  const tally = new Tally();
  const onBroker = { cases: Number(values['broker-cases']), seed, path: values.path };
  if (values.kind === 'broker') {
    world.close();
    const { isFine } = await runOnBroker(onBroker, say);
    if (!isFine) process.exitCode = 1;
    return;
  }
  say(`seed ${seed}, ${cases} programs`);
  const bar = new SingleBar({
    format: '{bar} {value}/{total} programs, {eta_formatted} left',
    noTTYOutput: false,
  });
  if (values.path === undefined) bar.start(cases, 0);
  const failures = await search(world, tally, {
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
    say(`\nNOT THE SAME\n${program}\n${found}\nagain: ${command}`);
  say(`\n${await tally.kinds()}\n\n${await tally.classes()}`);
  say(
    `\n${tally.total} programs, ${failures.length} differences, ${world.unsteady} not steady by themselves, seed ${seed}`,
  );

  const caught: [string, number | undefined][] = [];
  if (!values['no-mutants'] && values.path === undefined) {
    for (const mutant of MUTANTS) {
      const at = await caughtAt(world, programs(), mutant, MUTANT_CASES, seed);
      caught.push([mutant.name, at]);
      say(at === undefined ? `NOT CAUGHT: ${mutant.name}` : `caught by program ${at}: ${mutant.name}`);
    }
    const wrongly = await caughtAt(world, programs(), CONTROL, CONTROL_CASES, seed);
    if (wrongly !== undefined) {
      say(`CAUGHT WITHOUT A FAULT: program ${wrongly}`);
      process.exitCode = 1;
    }
    say(`${caught.filter(([, at]) => at !== undefined).length} of ${MUTANTS.length} mutants caught`);
  }
  const isWhole = values.path === undefined && values.kind === undefined;
  world.close();
  const broker = isWhole && onBroker.cases > 0 ? await runOnBroker(onBroker, say) : undefined;
  if (broker?.isFine === false) process.exitCode = 1;
  if (broker?.isFine && caught.length > 0 && !values['no-figures'] && failures.length === 0) {
    const all = `${await figures(tally, seed, caught)}\n\n${broker.figures}`;
    say(`figures in ${writeFigures('reliability', 'fuzz', all)}`);
  }
  if (failures.length > 0 || caught.some(([, at]) => at === undefined)) process.exitCode = 1;
}

async function figures(
  tally: Tally,
  seed: number,
  caught: readonly (readonly [string, number | undefined])[],
): Promise<string> {
  const mutants = await markdown(
    ['planted fault', 'shown by program'],
    caught.map(([name, at]) => [name, String(at ?? 'none')]),
  );
  return `${tally.total} generated programs ran on bare and on instrumented kafkajs without a difference (seed ${seed}): results and
rejections with their identity, synchronous or not, the order of handler calls and commits, what would be on the wire, unhandled
rejections, and the program's own objects afterwards. ${provenance()}.

${await tally.kinds()}

${await tally.classes()}

The comparison is tested itself: each of these faults, planted between program and instrumentation, was caught.

${mutants}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main().then(() => {
  // A consumer that kafkajs restarts for ever would keep the process.
  process.exit();
});
