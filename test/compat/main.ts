// `npm run compat` tests the core features with all supported versions. Takes about 40 minutes.
import { SingleBar } from 'cli-progress';
import { provenance, writeFigures } from '../../scripts/figures';
import { startKafka } from '../support/kafka';
import { check, type Result } from './check';
import { pack } from './install';
import { hasPassed, loadResults, storeResults, type Results } from './stored-results';
import { matrix, nameOf, type Row } from './matrix';
import { checkSuite, SUITE_ROWS, suiteTables, type SuiteResult } from './suites';
import { tables } from './table';

const args = process.argv.slice(2);
/** Skip rows that an interrupted run of the same build has tested successfully. */
const resumes = args.includes('--resume');
const isChosen = choice(args.filter(argument => argument !== '--resume'));
const rows = matrix().filter(row => isChosen(nameOf(row)));
const suiteRows = SUITE_ROWS.filter(({ name }) => isChosen(name));

/** Returns a function that tells whether the arguments select a row. */
function choice(args: readonly string[]): (name: string) => boolean {
  const expressions = args.map(argument => {
    const [, expression] = /^--only=(.+)$/.exec(argument) ?? [];
    if (expression === undefined)
      throw new Error(`Unknown argument ${argument}; expected --only=<regular expression> or --resume`);
    return new RegExp(expression);
  });
  return name => expressions.every(expression => expression.test(name));
}

/** Use two brokers at the same time, so that one can start while the other is in use. */
const CONCURRENT_BROKERS = 2;

async function main(): Promise<void> {
  const all = rows.length + suiteRows.length;
  if (all === 0) throw new Error('--only matches no row of the matrix');
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {what}',
    noTTYOutput: true,
    notTTYSchedule: 30_000,
  });
  bar.start(all, 0, { what: 'packing' });
  const packed = await pack();
  const results: Results = resumes
    ? loadResults(packed.subject)
    : { rows: new Map<string, Result>(), suites: new Map<string, SuiteResult>() };
  const remaining = rows.filter(row => !results.rows.has(nameOf(row)));
  const remainingSuites = suiteRows.filter(({ name }) => !results.suites.has(name));
  bar.update(all - remaining.length - remainingSuites.length);
  const onBroker = async (version: Row['kafka']) => {
    const kafka = await startKafka({
      progress: () => undefined,
      env: { ...process.env, KAFKA_BROKERS: undefined, KAFKA_VERSION: version },
    });
    try {
      for (const row of remaining.filter(({ kafka }) => kafka === version)) {
        bar.update({ what: nameOf(row) });
        results.rows.set(nameOf(row), await check(row, packed, kafka.brokers).catch(notRun));
        storeResults(packed.subject, results);
        bar.increment();
      }
    } finally {
      await kafka.stop();
    }
  };
  try {
    // All workers take versions from the same iterator, so each version is tested once.
    const versions = new Set(remaining.map(({ kafka }) => kafka)).values();
    const worker = async () => {
      for (const version of versions) await onBroker(version);
    };
    await Promise.all(Array.from({ length: CONCURRENT_BROKERS }, worker));
    for (const row of remainingSuites) {
      bar.update({ what: row.name });
      results.suites.set(row.name, await checkSuite(row).catch(suiteNotRun));
      storeResults(packed.subject, results);
      bar.increment();
    }
  } finally {
    bar.stop();
    packed.remove();
  }
  await report(results);
}

/** If the versions of a row cannot be installed, only this row fails. */
const notRun = (error: unknown): Result => ({ isIncompatible: false, notes: [], faults: faultsOf(error) });
const suiteNotRun = (error: unknown): SuiteResult => ({ cells: {}, faults: faultsOf(error) });
const faultsOf = (error: unknown): Result['faults'] => ({ installation: [String(error)] });

async function report({ rows: ofRows, suites }: Results): Promise<void> {
  const ordered = rows.flatMap(row => {
    const result = ofRows.get(nameOf(row));
    return result ? [{ row, ...result }] : [];
  });
  const judged = [
    ...ordered.map(({ row, faults }) => ({ name: nameOf(row), faults })),
    ...suiteRows.map(({ name }) => ({ name, faults: suites.get(name)?.faults ?? {} })),
  ];
  const [ofMatrix, ofSuites] = [await tables(ordered), await suiteTables(suites)];
  console.log(`\n${[ofMatrix, ofSuites].filter(Boolean).join('\n\n')}`);
  for (const { name, faults } of judged)
    for (const [setup, list] of Object.entries(faults))
      for (const fault of list) console.log(`${name}, ${setup}: ${fault}\n`);
  // Write a section of README.md only if all its rows were run.
  if (rows.length === matrix().length) write('compat', ofMatrix);
  if (suiteRows.length === SUITE_ROWS.length) write('compat-suites', ofSuites);
  process.exitCode = judged.every(hasPassed) ? 0 : 1;
}

function write(section: string, text: string): void {
  console.log(`Updated ${writeFigures('test/compat/README.md', section, `${text}\n\n${provenance()}`)}`);
}

void main();
